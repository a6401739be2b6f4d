import type { Browser, BrowserContext, BrowserContextOptions, Page, Response } from 'playwright-core';
import { expect } from 'vitest';
import type { App } from './app.ts';

/** A visitor of the app, who remembers all that was seen. */
export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Goes to a page of the app. */
  readonly go: (path: string) => Promise<Page>;
  /** Presses a button by its name. */
  readonly press: (name: string | RegExp) => Promise<void>;
  /** Nothing was wrong in the browser's console, and no answer of the app's held a secret. Ends the visit. */
  readonly end: () => Promise<void>;
}

/** Somebody with a fresh browser. */
export const visit = async (browser: Browser, app: App, options: BrowserContextOptions = {}): Promise<Visit> => {
  const context = await browser.newContext({ baseURL: app.url, ...options });
  context.setDefaultTimeout(100_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  const bodies: Promise<readonly [url: string, body: string]>[] = [];
  context.on('console', (message) => {
    // The browser itself notes each refused page as an error, and some are meant to be refused.
    const isStatus = message.text().startsWith('Failed to load resource: the server responded with a status of 4');
    if (['error', 'warning'].includes(message.type()) && !isStatus) complaints.push(`${message.location().url}: ${message.text()}`);
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('response', (response) => {
    if (response.url().startsWith(app.url)) bodies.push(bodyOf(response));
  });

  return {
    context,
    page,
    go: async (path) => {
      await page.goto(path);
      return page;
    },
    press: async (name) => {
      await page.getByRole('button', { name }).first().click();
    },
    end: async () => {
      const seen = await Promise.all(bodies);
      await context.close();
      expect(complaints).toEqual([]);
      expect(leaks(app.secrets(), [...seen, ['the log of the server', app.printed()]])).toEqual([]);
    },
  };
};

/** Empty where there is none, as in a redirect, or no end to it, as in a stream of events. */
const bodyOf = async (response: Response): Promise<readonly [string, string]> => {
  const isStream = response.headers()['content-type']?.startsWith('text/event-stream');
  const body = isStream ? '' : await response.text().catch(() => '');
  return [response.url(), body];
};

/** Where a secret is to be read, never which one. */
export const leaks = (secrets: readonly string[], texts: readonly (readonly [place: string, text: string])[]): readonly string[] =>
  texts
    .filter(([, text]) => secrets.some((secret) => spellings(secret).some((spelling) => text.includes(spelling))))
    .map(([place]) => place);

/** As it is, and as URLs and HTML have it. */
const spellings = (secret: string): readonly string[] => [secret, encodeURIComponent(secret), secret.replaceAll('&', '&amp;')];

/** What the page is about. */
export const heading = async (page: Page): Promise<string> => ((await page.getByRole('heading', { level: 1 }).textContent()) ?? '').trim();
