import { accessSync, constants } from 'node:fs';
import { chromium as playwright } from 'playwright-core';
import { bundled } from './bundle.ts';
import type { Report } from './report.ts';
import { DEADLINE, type Runtime, STEPS } from './runtime.ts';
import type { Settings } from './settings.ts';
import { within } from './within.ts';

/** `CHROMIUM` names another one. */
const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** It must not go anywhere by itself, and in a container it is root, whom its own sandbox does not take. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The program in a page at the vendor's own origin, so that the page may call it. The secret stays here, and the page asks for tokens. */
export const chromium = (): Runtime => {
  const { CHROMIUM: named } = process.env;
  const executablePath = (named ? [named] : CANDIDATES).find(isProgram);
  return {
    name: 'Chromium',
    steps: [...STEPS, 'guard'],
    missing: executablePath === undefined ? (named ? `there is no ${named}, as CHROMIUM says` : 'it is not installed') : undefined,
    run: async (project, settings) => {
      const script = await bundled(project.program('page.js'), 'browser', ['browser', 'import']);
      const browser = await playwright.launch({ ...(executablePath && { executablePath }), args: ARGUMENTS, timeout: DEADLINE });
      try {
        const page = await browser.newPage();
        await page.exposeFunction('askForToken', await tokensOf(settings));
        await page.goto(settings.budgea.url);
        await page.addScriptTag({ content: script, type: 'module' });
        const results = await within(DEADLINE, page.evaluate<Report['results']>(`page(${JSON.stringify(settings)})`));
        return { title: `Chromium ${browser.version()}`, results };
      } finally {
        await browser.close();
      }
    },
  };
};

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
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
