import { accessSync, constants } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { describe, it } from 'vitest';

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

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const { CHROMIUM: named, CI } = process.env;
const installed = (named ? [named] : CANDIDATES).find(isProgram);

/** A suite that needs a browser: skipped, with the reason in its name, where there is none; there CI fails. */
export const describeWithBrowser = (name: string, suite: () => void): void => {
  const missing = named ? `there is no ${named}, as CHROMIUM says` : 'Chromium is not installed';
  if (installed !== undefined) describe(name, suite);
  else if (CI === 'true')
    describe(name, () => {
      it('finds a browser', () => {
        throw new Error(`${missing}. Install the Debian package chromium, or name another in CHROMIUM.`);
      });
    });
  else {
    console.warn(`${name}: skipped, as ${missing}.`);
    describe.skip(`${name} (skipped, as ${missing})`, suite);
  }
};

/** The system's browser, without a window. Only for suites that `describeWithBrowser` runs. */
export const openBrowser = (): Promise<Browser> => chromium.launch({ ...(installed && { executablePath: installed }), args: ARGUMENTS });
