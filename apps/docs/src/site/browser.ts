import { createRequire } from 'node:module';
import { ARGUMENTS } from '@auth/scripts/chromium';
import { serve } from '@hono/node-server';
import { type Browser, chromium, type Page } from 'playwright-core';
import { siteApp } from './app.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What a reader would stumble over: errors of scripts, requests to elsewhere, pages that are wider than a telephone, a search without results, and what axe finds. */
export const browserComplaints = async (
  site: string,
  { opened, closely }: { readonly opened: readonly string[]; readonly closely: readonly string[] },
  executablePath: string,
): Promise<readonly string[]> => {
  const server = serve({ fetch: siteApp(site).fetch, hostname: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  try {
    const visits = [
      ...(await visit(browser, base, opened, { width: 360, colorScheme: 'dark', isClose: false })),
      ...(await visit(browser, base, closely, { width: 360, colorScheme: 'dark', isClose: true })),
      ...(await visit(browser, base, closely, { width: 1200, colorScheme: 'light', isClose: true })),
    ];
    return [...visits, ...(await search(browser, base))];
  } finally {
    await browser.close();
    server.close();
  }
};

interface Look {
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
  readonly isClose: boolean;
}

const visit = async (
  browser: Browser,
  base: string,
  pages: readonly string[],
  { width, colorScheme, isClose }: Look,
): Promise<readonly string[]> => {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
  const complaints: string[] = [];
  let path = '';
  const complain = (what: string): unknown => complaints.push(`${path} (${width} px, ${colorScheme}): ${what}`);
  page.on('console', (message) => message.type() === 'error' && complain(`the console says ${message.text()}`));
  page.on('pageerror', ({ message }) => complain(`a script failed: ${message}`));
  page.on(
    'request',
    (request) => !request.url().startsWith(base) && !request.url().startsWith('data:') && complain(`it asks ${request.url()}`),
  );
  for (path of pages) {
    await page.goto(base + path);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > width) complain(`it is ${wide} px wide`);
    if (isClose) for (const violation of await violations(page)) complain(violation);
  }
  await page.close();
  return complaints;
};

/** Of axe's rules those that are mistakes. Headings that can be folded have a link to themselves in the theme, which is what it wants. */
const violations = async (page: Page): Promise<readonly string[]> => {
  await page.addScriptTag({ path: AXE });
  return page.evaluate(async () => {
    // The script that was just added brings it.
    const { axe } = globalThis as unknown as {
      readonly axe: { run: (options: object) => Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }> };
    };
    const { violations } = await axe.run({ runOnly: ['wcag2a', 'wcag2aa'], rules: { 'nested-interactive': { enabled: false } } });
    return violations.map(
      ({ id, nodes }) =>
        `axe: ${id} at ${nodes
          .slice(0, 3)
          .map(({ target }) => target.join(' '))
          .join(', ')}`,
    );
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

/** As a reader without a network does it: the index is a file of the site. */
const search = async (browser: Browser, base: string): Promise<readonly string[]> => {
  const complaints: string[] = [];
  for (const [words, meant] of SEARCHES) {
    const page = await browser.newPage();
    await page.goto(base);
    await page.locator('#tsd-search-trigger').click();
    await page.locator('#tsd-search-input').fill(words);
    const results = page.locator('#tsd-search-results li');
    const found = await results
      .first()
      .waitFor({ timeout: 60_000 })
      .then(
        () => results.allInnerTexts(),
        () => [],
      );
    if (!found.slice(0, 3).some((text) => text.includes(meant)))
      complaints.push(`The search for «${words}» finds «${found.slice(0, 3).join('», «')}» first, and not «${meant}».`);
    await page.close();
  }
  return complaints;
};
