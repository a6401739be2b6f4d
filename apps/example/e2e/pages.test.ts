import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registry } from '../src/providers.ts';
import { accessibilityFindings } from './accessibility.ts';
import { type App, startApp } from './app.ts';
import { describeWithBrowser, openBrowser } from './browser.ts';
import { palettePng } from './palette-png.ts';
import { heading, leaks, type Visit, visit } from './visit.ts';

const FOLDER = join(import.meta.dirname, '..');
const PAGES = ['/', '/settings', '/connect?user=1', '/health', '/break', '/race', '/wire', '/callback', '/nowhere'] as const;
/** One picture of each of these goes into the documentation, when `UPDATE_DOCS` says so. */
const DOCUMENTED: ReadonlySet<string> = new Set(['home', 'settings', 'connect', 'health', 'break', 'race', 'wire']);
const { UPDATE_DOCS } = process.env;

const LIGHT_WIDE = { colorScheme: 'light', width: 1200, isExamined: false } as const;
const DARK_NARROW = { colorScheme: 'dark', width: 360, isExamined: true } as const;
/** Two of the four are enough to examine all colours and both layouts. The pages of the other vendor differ in words only. */
const LOOKS = {
  finicity: [
    { ...LIGHT_WIDE, isExamined: true },
    { colorScheme: 'dark', width: 1200, isExamined: false },
    { colorScheme: 'light', width: 360, isExamined: false },
    DARK_NARROW,
  ],
  budgea: [DARK_NARROW],
} as const;

describeWithBrowser('the pages', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  describe.each(registry.plugins.map(({ id }) => id))('with %s', (vendor) => {
    let app: App;
    let visitor: Visit;
    /** Somebody has connected a bank, broken something and run the race, so that every page has something to show. */
    beforeAll(async () => {
      app = await startApp({ AUTH_PROVIDER: vendor });
      visitor = await visit(browser, app);
      const { page, go, press } = visitor;
      await go('/connect');
      await page.getByLabel('Your name for the user').fill('customer-17');
      await press('Create and connect a bank');
      await page.locator('button.primary').click();
      await go('/break');
      await press('End the token');
      await go('/race');
      await press('Run the race');
    });
    afterAll(async () => {
      await visitor.end();
      expect(await app.stop()).toBe(0);
    });

    it.each(PAGES)('%s can be used by everybody, light and dark, narrow and wide', async (path) => {
      const page = await visitor.context.newPage();
      const name = new URL(path, app.url).pathname.slice(1) || 'home';
      for (const { colorScheme, width, isExamined } of LOOKS[vendor]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        await page.goto(app.url + path);
        await page.screenshot({ fullPage: true, path: join(FOLDER, '.screenshots', `${vendor}-${name}-${colorScheme}-${width}.png`) });
        if (isExamined) expect(await accessibilityFindings(page)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
      }
      await page.close();
    });

    it('/nowhere says so, with a way back', async () => {
      const response = await visitor.page.goto(`${app.url}/nowhere`);
      expect([response?.status(), await heading(visitor.page)]).toEqual([404, 'There is no such page']);
      await visitor.page.getByRole('main').getByRole('link').click();
      expect(await heading(visitor.page)).toBe('Configuration');
    });

    it('keep a secret that is left empty', async () => {
      const { page, go, press } = visitor;
      await go('/settings');
      await press('Save and use');
      expect(await page.getByRole('status').textContent()).toContain('in use with these settings');
      await go('/connect?user=1');
      expect(await page.getByRole('heading', { level: 3 }).count()).toBe(1);
    });

    it('show requests as curl lines in which names stand for secrets', async () => {
      const { page, go } = visitor;
      await go('/wire');
      const lines = await page.locator('pre.code').allTextContents();
      expect(lines.length).toBeGreaterThan(5);
      expect(lines.every((line) => line.startsWith('curl '))).toBe(true);
      expect(lines.join('\n')).toMatch(/\$(?:FINICITY_PARTNER_SECRET|BUDGEA_CLIENT_SECRET)/);
      expect(app.secrets().length).toBeGreaterThan(2);
      expect(leaks(app.secrets(), [['the wire page', await page.content()]])).toEqual([]);
    });

    it('show the numbers of the race', async () => {
      const { page, go } = visitor;
      await go('/race');
      const numbers = async (side: string): Promise<readonly string[]> =>
        (await page.locator(`[data-side=${side}]`).allTextContents()).slice(0, 4);
      expect(await numbers('ours')).toEqual(['4', '0', '1', 'no']);
      expect(await numbers('hand-written')).toEqual(HAND_WRITTEN[vendor]);
    });

    it('change the vendor, and everything else stays', async () => {
      const { page, go, press } = visitor;
      const [other = ''] = registry.plugins.map(({ id }) => id).filter((id) => id !== vendor);
      const configured = (): Promise<string | null> => page.locator('pre mark').textContent();
      await go('/');
      expect(await configured()).toContain(`'${vendor}'`);
      await page.getByRole('combobox', { name: 'Vendor' }).selectOption(other);
      await press('Switch the vendor');
      expect(await configured()).toContain(`'${other}'`);
      await go('/connect');
      expect(await page.getByRole('link', { name: 'customer-17' }).count()).toBe(0);
      await go('/');
      await page.getByRole('combobox', { name: 'Vendor' }).selectOption(vendor);
      await press('Switch the vendor');
      await go('/connect');
      await page.getByRole('link', { name: 'customer-17' }).click();
      expect(await page.getByRole('heading', { level: 3 }).count()).toBe(1);
    });

    if (UPDATE_DOCS)
      it('pose for the documentation', async () => {
        const { page } = visitor;
        const desk = await visitor.context.newPage();
        await mkdir(join(FOLDER, 'docs'), { recursive: true });
        await page.emulateMedia({ colorScheme: 'light' });
        await page.setViewportSize({ width: 1000, height: 900 });
        for (const path of PAGES) {
          const name = new URL(path, app.url).pathname.slice(1) || 'home';
          if (!DOCUMENTED.has(name) || vendor !== 'finicity') continue;
          await page.goto(app.url + path);
          const picture = await palettePng(desk, await page.screenshot());
          expect(picture.length).toBeLessThan(60_000);
          await writeFile(join(FOLDER, 'docs', `${name}.png`), picture);
        }
      });
  });
});

/** As in the test of the race itself. */
const HAND_WRITTEN = { finicity: ['240', '100', '100', 'yes'], budgea: ['160', '0', '100', 'no'] };
