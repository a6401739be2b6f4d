import { join } from 'node:path';
import { ARGUMENTS, installed, missing } from '@auth/scripts/chromium';
import { chromium as playwright } from 'playwright-core';
import { bundled } from './bundle.ts';
import { DEADLINE, type Report, type Runtime, STEPS, withinDeadline } from './runtime.ts';
import type { Settings } from './settings.ts';

/** The program in a page at the vendor's own origin, so that the page may call it. The secret stays here, and the page asks for tokens. */
export const chromium = (): Runtime => {
  return {
    name: 'Chromium',
    steps: [...STEPS, 'guard'],
    missing: installed === undefined ? missing : undefined,
    run: async (project, settings) => {
      const script = await bundled(join(project, 'program/page.js'), 'browser', ['browser', 'import']);
      const browser = await playwright.launch({ ...(installed && { executablePath: installed }), args: ARGUMENTS, timeout: DEADLINE });
      try {
        const page = await browser.newPage();
        await page.exposeFunction('askForToken', await tokensOf(settings));
        await page.goto(settings.budgea.url);
        await page.addScriptTag({ content: script, type: 'module' });
        const results = await withinDeadline(page.evaluate<Report['results']>(`page(${JSON.stringify(settings)})`));
        return { title: `Chromium ${browser.version()}`, results };
      } finally {
        await browser.close();
      }
    },
  };
};

/** What the server of a page would do: a new user, and tokens of it. By hand, as the packages are what is looked at. */
const tokensOf = async ({ budgea: { url, credentials } }: Settings): Promise<() => Promise<string>> => {
  const client = { client_id: credentials.clientId, client_secret: credentials.clientSecret };
  const posted = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(new URL(path, url), { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`The sandbox answered ${response.status} to ${path}.`);
    return response.json();
  };
  const { id_user } = await posted('auth/init', client);
  return async () => {
    const { access_token } = await posted('auth/renew', { grant_type: 'client_credentials', ...client, id_user });
    return String(access_token);
  };
};
