import { hasRedis, startRedis } from '@auth/scripts/redis';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { registry } from '../src/providers.ts';
import { vendors } from '../src/vendors.ts';
import { type App, startApp } from './app.ts';
import { describeWithBrowser, openBrowser } from './browser.ts';
import { heading, leaks, type Visit, visit } from './visit.ts';

/** What a button leads to: in numbers, and on the health page afterwards. */
interface Expected {
  readonly button: string;
  /** Calls, failed ones, requests for a token. */
  readonly numbers: readonly [calls: string, failed: string, tokenRequests: string];
  readonly code: string;
  readonly state: string;
  readonly attempts: string;
}

const EVERYWHERE: readonly Expected[] = [
  { button: 'End the token', numbers: ['50', '0', '1'], code: 'none', state: 'fresh', attempts: '3' },
  { button: '503 for 20 s', numbers: ['50', '50', '1'], code: 'unavailable', state: 'empty', attempts: '3' },
  { button: '429 with Retry-After', numbers: ['50', '50', '1'], code: 'rate_limited', state: 'empty', attempts: '3' },
  { button: 'Use a wrong secret', numbers: ['150', '150', '1'], code: 'invalid_credentials', state: 'refused', attempts: '2' },
  { button: 'Kill the lease holder', numbers: ['50', '0', '1'], code: 'none', state: 'fresh', attempts: '3' },
];

/** Only where there is a secret to rotate by the API. */
const ROTATION: readonly Expected[] = [
  { button: 'Rotate the secret under traffic', numbers: ['250', '0', '2'], code: 'none', state: 'fresh', attempts: '3' },
  { button: 'Lose the rotation’s answer', numbers: ['50', '0', '3'], code: 'outcome_unknown', state: 'fresh', attempts: '3' },
];

const BUTTONS = { finicity: [...EVERYWHERE, ...ROTATION], budgea: EVERYWHERE };

const MEND = 'Mend everything';
const HARMLESS = [MEND, 'Make 10 calls'];

describeWithBrowser('breaking things', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  describe.each(registry.plugins.map(({ id }) => id))('at %s', (vendor) => {
    let app: App;
    let visitor: Visit;
    beforeAll(async () => {
      app = await startApp({ AUTH_PROVIDER: vendor });
      visitor = await visit(browser, app);
      // So that every button finds a token to lose.
      await visitor.go('/break');
      await visitor.press('End the token');
    });
    afterAll(async () => {
      await visitor.end();
      expect(await app.stop()).toBe(0);
    });
    afterEach(() => visitor.press(MEND));

    it('offers what can go wrong here, and nothing else', async () => {
      const buttons = await visitor.page.getByRole('button').allTextContents();
      const expected = [...BUTTONS[vendor].map(({ button }) => button), ...HARMLESS];
      expect(buttons.map((button) => button.trim()).toSorted()).toEqual(expected.toSorted());
    });

    it.each(BUTTONS[vendor])('$button', async ({ button, numbers, code, state, attempts }) => {
      const { page, go, press } = visitor;
      await press(button);
      expect(await Promise.all(['calls', 'failed', 'token-requests'].map((name) => field(page, name)))).toEqual(numbers);
      expect(await field(page, 'code')).toBe(code);
      await go('/health');
      const card = page.locator('article[data-state]').last();
      expect(await card.getAttribute('data-state')).toBe(state);
      expect(await card.locator('[data-field=attempts]').textContent()).toContain(attempts);
      if (numbers[1] !== '0') expect(await card.locator('[data-field=error] code').textContent()).toBe(code);
      await go('/break');
    });

    it('is seen on the health page as it happens, without a token in it', async () => {
      const watcher = await visit(browser, app);
      await watcher.go('/health');
      await watcher.page.getByText(/^Live/).waitFor();
      await watcher.page.evaluate(() => {
        new EventSource('/health/events').addEventListener('auth', ({ data }) => {
          document.title += data;
        });
      });
      const latest = (): Promise<string | null> => watcher.page.locator('tbody tr').first().textContent();
      const before = await latest();
      await visitor.press('End the token');
      await expect.poll(latest, { timeout: 60_000 }).not.toBe(before);
      const events = await watcher.page.title();
      expect(events).toContain('"type":"invalidated"');
      expect(leaks(app.secrets(), [['the stream of events', events]])).toEqual([]);
      await watcher.end();
    });
  });

  it.skipIf(!hasRedis)('goes on without Redis, and says so', async () => {
    const redis = await startRedis();
    const app = await startApp({ REDIS_URL: redis.url });
    const visitor = await visit(browser, app);
    const { page, go, press } = visitor;
    await go('/break');
    await press('End the token');
    await press('Stop Redis for 20 s');
    expect(await Promise.all(['calls', 'failed', 'token-requests'].map((name) => field(page, name)))).toEqual(['50', '0', '1']);
    await go('/health');
    expect(await page.locator('article[data-state]').getAttribute('data-state')).toBe('fresh');
    expect(await page.locator('article dl').textContent()).toMatch(/Redis, encrypted,\s+not reached/);
    await visitor.end();
    expect(await app.stop()).toBe(0);
    await redis.stop();
  });

  it.each(registry.plugins.map(({ id }) => id))('is not possible with credentials of your own at %s, and all else is', async (vendor) => {
    const sandbox = vendors[vendor].sandbox();
    const { url, close } = await sandbox.listen();
    const app = await startApp({ AUTH_PROVIDER: vendor, ...sandbox.environment(url) });
    const visitor = await visit(browser, app);
    const { page, go, press } = visitor;
    await go('/break');
    expect(await page.getByRole('button').count()).toBe(0);
    expect(await page.getByRole('main').textContent()).toContain('itself is at the other end, with your credentials');
    await go('/connect');
    await page.getByLabel('Your name for the user').fill('customer-real');
    await press('Create and connect a bank');
    await page.locator('button.primary').click();
    expect(await heading(page)).toBe('Connect a bank');
    await go('/wire');
    await go('/settings');
    await go('/');
    // The list that all tests go by has what it should have.
    const { environment } = sandbox;
    const secrets = Object.entries(environment(url)).flatMap(([name, value]) => (/SECRET|KEY/.test(name) ? [value] : []));
    expect(app.secrets()).toEqual(expect.arrayContaining(secrets));
    expect(app.secrets().length).toBeGreaterThan(secrets.length);
    await visitor.end();
    expect(await app.stop()).toBe(0);
    await close();
  });
});

const field = (page: Page, name: string): Promise<string | null> => page.locator(`.result [data-field=${name}]`).textContent();
