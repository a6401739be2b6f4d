import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { ARGUMENTS } from '@auth/scripts/chromium';
import { type Browser, chromium, type Page } from 'playwright-core';
import { serve } from 'vitepress';
import { DOCS } from '../paths.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Where the site is looked at: it has to work under any path. */
const PATH = '/some/path/';

/** The reference comes from the same templates, and so do guides: one page of each kind is looked at closely. */
const CLOSELY = [
  ...['index.html', 'guides/token-life.html', 'packages/store-redis.html', 'reference/store-redis/index.html'],
  ...['reference/core/AuthError.html', 'reference/core/Authority.html', 'reference/core/authorizedFetch.html'],
];

/** What a reader would stumble over: errors of scripts, requests to elsewhere, pages that are wider than a telephone, a search without results, and what axe finds. */
export const browserComplaints = async (documents: readonly string[], executablePath: string): Promise<readonly string[]> => {
  const { server } = await serve({ root: DOCS, base: PATH, port: 0 });
  const base = `http://localhost:${(server.address() as AddressInfo).port}${PATH}`; // it listens on a port
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  try {
    const visits = [visit(browser, base, documents, 360), visit(browser, base, CLOSELY, 360), visit(browser, base, CLOSELY, 1280)];
    return (await Promise.all([...visits, search(browser, base)])).flat();
  } finally {
    await browser.close();
    server.close();
  }
};

const visit = async (browser: Browser, base: string, pages: readonly string[], width: number): Promise<readonly string[]> => {
  // Nothing is compressed or fetched ahead, which would take longer here than all else.
  const page = await browser.newPage({ viewport: { width, height: 800 }, extraHTTPHeaders: { 'accept-encoding': 'identity' } });
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'connection', { value: Object.assign(new EventTarget(), { saveData: true }) });
  });
  const complaints: string[] = [];
  let path = '';
  const complain = (what: string): unknown => complaints.push(`${path} (${width} px): ${what}`);
  page.on('console', (message) => message.type() === 'error' && complain(`the console says ${message.text()}`));
  page.on('pageerror', ({ message }) => complain(`a script failed: ${message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith('data:')) complain(`it asks ${request.url()}`);
  });
  for (path of pages) {
    await page.emulateMedia({ colorScheme: 'light' });
    await open(page, base + path);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > width) complain(`it is ${wide} px wide`);
    if (pages !== CLOSELY) continue;
    await page.addScriptTag({ path: AXE });
    for (const violation of await violations(page, ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'])) complain(violation);
    // The other theme has other colours, and nothing else.
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.locator('html.dark').waitFor();
    for (const violation of await violations(page, ['color-contrast'])) complain(`in the dark, ${violation}`);
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

/** What axe, which is in the page already, finds by these rules. */
const violations = (page: Page, runOnly: readonly string[]): Promise<readonly string[]> =>
  page.evaluate(async (rules) => {
    const { axe } = globalThis as unknown as { readonly axe: Axe }; // a script of the page
    const { violations } = await axe.run({ runOnly: rules });
    return violations.map(({ id, nodes }) => `axe: ${id} at ${nodes.slice(0, 3).map(({ target }) => target.join(' '))}`);
  }, runOnly);

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
