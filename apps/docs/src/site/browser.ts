import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { ARGUMENTS } from '@auth/scripts/chromium';
import { type Browser, chromium, type Page } from 'playwright-core';
import { serve } from 'vitepress';
import { DOCS } from '../paths.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Where the site is looked at: it has to work under any path. */
const PATH = '/some/path/';

/** What a reader would stumble over: errors of scripts, requests to elsewhere, pages that are wider than a telephone, a search without results, and what axe finds. */
export const browserComplaints = async (
  documents: readonly string[],
  closely: readonly string[],
  executablePath: string,
): Promise<readonly string[]> => {
  const { server } = await serve({ root: DOCS, base: PATH, port: 0 });
  const base = `http://localhost:${(server.address() as AddressInfo).port}${PATH}`; // it listens on a port
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  try {
    const looks = [360, 1280].flatMap((width): Look[] => [
      [width, 'light'],
      [width, 'dark'],
    ]);
    const visits = looks.map((look) => visit(browser, base, closely, look));
    const narrow = visit(browser, base, documents, [360, 'light'], false);
    return (await Promise.all([narrow, ...visits, search(browser, base)])).flat();
  } finally {
    await browser.close();
    server.close();
  }
};

type Look = readonly [width: number, colorScheme: 'light' | 'dark'];

const visit = async (
  browser: Browser,
  base: string,
  pages: readonly string[],
  [width, colorScheme]: Look,
  isClose = true,
): Promise<readonly string[]> => {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
  const complaints: string[] = [];
  let path = '';
  const complain = (what: string): unknown => complaints.push(`${path} (${width} px, ${colorScheme}): ${what}`);
  page.on('console', (message) => message.type() === 'error' && complain(`the console says ${message.text()}`));
  page.on('pageerror', ({ message }) => complain(`a script failed: ${message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith('data:')) complain(`it asks ${request.url()}`);
  });
  for (path of pages) {
    await open(page, base + path);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > width) complain(`it is ${wide} px wide`);
    if (isClose) for (const violation of await violations(page)) complain(violation);
  }
  await page.close();
  return complaints;
};

/** Goes to the page, and waits until its scripts are at work. */
const open = async (page: Page, url: string): Promise<void> => {
  await page.goto(url);
  await page.waitForFunction(() => '__vue_app__' in (document.querySelector('#app') ?? {}), undefined, { timeout: 60_000 });
};

interface Axe {
  readonly run: (options: object) => Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }>;
}

/** Of axe's rules those that are mistakes. */
const violations = async (page: Page): Promise<readonly string[]> => {
  await page.addScriptTag({ path: AXE });
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { readonly axe: Axe }; // the script that was just added brings it
    const { violations } = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });
    return violations.map(({ id, nodes }) => `axe: ${id} at ${nodes.slice(0, 3).map(({ target }) => target.join(' '))}`);
  });
};

/** What readers type, and what has to be among the first three that they find. */
const SEARCHES: readonly (readonly [words: string, meant: string])[] = [
  ['authorizedFetch', 'authorizedFetch'],
  ['lock', 'Never lock your Finicity account'],
  ['rotate secret', 'Rotate a secret without downtime'],
  ['webhook', 'Receive webhooks'],
  ['errors', 'Errors'],
  ['redis', 'store-redis'],
];

/** As a reader without a network does it, from a page in a folder: the index is a file of the site. */
const search = async (browser: Browser, base: string): Promise<readonly string[]> => {
  const complaints: string[] = [];
  for (const [words, meant] of SEARCHES) {
    const page = await browser.newPage();
    await open(page, `${base}guides/token-life.html`);
    await page.keyboard.press('Control+k');
    await page.getByRole('searchbox').fill(words);
    const results = page.locator('.VPLocalSearchBox .result');
    await results.first().waitFor({ timeout: 60_000 });
    const found = (await results.allInnerTexts()).slice(0, 3);
    if (!found.some((text) => text.includes(meant)))
      complaints.push(`The search for «${words}» finds «${found.join('», «')}» first, and not «${meant}».`);
    const target = await results.first().getAttribute('href');
    if (!target?.startsWith(new URL(base).pathname)) complaints.push(`The first result for «${words}» leads to ${target}.`);
    await page.close();
  }
  return complaints;
};
