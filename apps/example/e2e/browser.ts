import { ARGUMENTS, installed, missing, remedy } from '@auth/scripts/chromium';
import { type Browser, chromium } from 'playwright-core';
import { describe, it } from 'vitest';

const { CI } = process.env;

/** A suite that needs a browser: skipped, with the reason in its name, where there is none; there CI fails. */
export const describeWithBrowser = (name: string, suite: () => void): void => {
  if (installed !== undefined) describe(name, suite);
  else if (CI === 'true')
    describe(name, () => {
      it('finds a browser', () => {
        throw new Error(`${missing}. ${remedy}`);
      });
    });
  else {
    console.warn(`${name}: skipped, as ${missing}.`);
    describe.skip(`${name} (skipped, as ${missing})`, suite);
  }
};

/** The system's browser, without a window. Only for suites that `describeWithBrowser` runs. */
export const openBrowser = (): Promise<Browser> => chromium.launch({ ...(installed && { executablePath: installed }), args: ARGUMENTS });
