import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registry } from '../src/providers.ts';
import { type App, startApp } from './app.ts';
import { describeWithBrowser, openBrowser } from './browser.ts';
import { heading, type Visit, visit } from './visit.ts';

describeWithBrowser('connecting a bank', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  describe.each(registry.plugins.map(({ id }) => id))('at %s', (vendor) => {
    let app: App;
    beforeAll(async () => {
      app = await startApp({ AUTH_PROVIDER: vendor });
    });
    afterAll(async () => {
      expect(await app.stop()).toBe(0);
    });

    it('leads to the page of the vendor and back to the accounts', async () => {
      const visitor = await visit(browser, app);
      await connected(visitor, 'customer-accounts');
      const { page } = visitor;
      expect(await page.getByRole('status').textContent()).toBe('The bank is connected.');
      expect(await page.getByRole('heading', { level: 3 }).count()).toBe(1);
      expect(await page.locator('.plain li').count()).toBeGreaterThan(0);
      await visitor.end();
    });

    it('explains that nothing was connected when the user refuses', async () => {
      const visitor = await visit(browser, app);
      await atTheVendor(visitor, 'customer-refuses');
      await visitor.press('Cancel');
      expect(await heading(visitor.page)).toBe('Nothing was connected');
      await visitor.page.getByRole('link', { name: 'Start again' }).click();
      expect(await visitor.page.getByText('No bank is connected yet.').count()).toBe(1);
      await visitor.end();
    });

    it('uses nothing of a callback that somebody else made, and the visit goes on', async () => {
      const visitor = await visit(browser, app);
      const { page } = visitor;
      await atTheVendor(visitor, 'customer-tampered');
      const tab = await visitor.context.newPage();
      const response = await tab.goto(`${app.url}/callback?state=${'x'.repeat(43)}&connection_id=1&code=200`);
      expect([response?.status(), await heading(tab)]).toEqual([403, 'This callback is not yours']);
      await approve(page);
      expect(await page.getByRole('status').textContent()).toBe('The bank is connected.');
      await visitor.end();
    });

    it('takes a callback once', async () => {
      const visitor = await visit(browser, app);
      const { page } = visitor;
      await atTheVendor(visitor, 'customer-once');
      const [callback] = await Promise.all([page.waitForRequest(/\/callback\?/), approve(page)]);
      const response = await page.goto(callback.url());
      expect([response?.status(), await heading(page)]).toEqual([403, 'No visit to a bank is under way']);
      await visitor.end();
    });

    it('gives no connection to a browser that did not start', async () => {
      const [owner, other] = [await visit(browser, app), await visit(browser, app)];
      await atTheVendor(owner, 'customer-stolen');
      const [callback] = await Promise.all([owner.page.waitForRequest(/\/callback\?/), approve(owner.page)]);
      await other.page.goto(callback.url());
      expect(await heading(other.page)).toBe('No visit to a bank is under way');
      await Promise.all([owner.end(), other.end()]);
    });

    it('reconnects a bank', async () => {
      const visitor = await visit(browser, app);
      await connected(visitor, 'customer-repairs');
      await visitor.press(/^Reconnect /);
      expect(await heading(visitor.page)).toBe('Reconnect your bank');
      await approve(visitor.page);
      expect(await visitor.page.getByRole('status').textContent()).toBe('The bank is connected.');
      expect(await visitor.page.getByRole('heading', { level: 3 }).count()).toBe(1);
      await visitor.end();
    });

    it('says what a disconnection removed', async () => {
      const visitor = await visit(browser, app);
      await connected(visitor, 'customer-leaves');
      await visitor.press('Disconnect this user');
      const said = await visitor.page.getByRole('status').textContent();
      expect(said).toMatch(/^Removed customer-leaves: the user at \w+ with 1 connected banks? and [1-9]\d* accounts?/);
      expect(await visitor.page.getByRole('link', { name: 'customer-leaves' }).count()).toBe(0);
      await visitor.end();
    });

    it('needs no script', async () => {
      const visitor = await visit(browser, app, { javaScriptEnabled: false });
      await connected(visitor, 'customer-plain');
      expect(await visitor.page.getByRole('heading', { level: 3 }).count()).toBe(1);
      await visitor.end();
    });

    it('needs no mouse', async () => {
      const visitor = await visit(browser, app);
      const { page } = visitor;
      await visitor.go('/connect');
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
      await page.keyboard.press('Enter');
      await tabTo(page, page.getByLabel('Your name for the user'));
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.type('customer-keys');
      await Promise.all([page.waitForURL((url) => url.origin !== app.url), page.keyboard.press('Enter')]);
      await tabTo(page, page.locator('button.primary'));
      await Promise.all([page.waitForURL(/\/connect\?user=/), page.keyboard.press('Enter')]);
      expect(await page.getByRole('heading', { level: 3 }).count()).toBe(1);
      await visitor.end();
    });
  });
});

/** A new user on the page of the vendor. */
const atTheVendor = async ({ go, press, page }: Visit, reference: string): Promise<void> => {
  await go('/connect');
  await page.getByLabel('Your name for the user').fill(reference);
  await press('Create and connect a bank');
  expect(await heading(page)).toBe('Connect your bank');
};

/** A new user with a bank, back on the page of the user. */
const connected = async (visitor: Visit, reference: string): Promise<void> => {
  await atTheVendor(visitor, reference);
  await approve(visitor.page);
  expect(await heading(visitor.page)).toBe('Connect a bank');
};

/** The button that each vendor's page has for it, whatever it is called. */
const approve = (page: Page): Promise<void> => page.locator('button.primary').click();

const tabTo = async (page: Page, wanted: Locator): Promise<void> => {
  for (let presses = 0; presses < 40; presses += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('The key Tab does not lead there.');
};
