// Where this machine has a browser, for everything here that looks at pages: the example, the documentation site, the runtimes.
import { accessSync, constants } from 'node:fs';

/** The one without windows first: the same engine, and a page takes a third of the time. `CHROMIUM` names another one. */
const CANDIDATES = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** It must not go anywhere by itself, and in a container it is root, whom its own sandbox does not take. */
export const ARGUMENTS: string[] = [
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

const { CHROMIUM: named } = process.env;

/** The browser of this machine. */
export const installed: string | undefined = (named ? [named] : CANDIDATES).find(isProgram);

/** Why there is none, where there is none. */
export const missing: string = named ? `there is no ${named}, as CHROMIUM says` : 'Chromium is not installed';

/** What to do about it. */
export const remedy = 'Install the Debian package chromium-headless-shell or chromium, or name another browser in CHROMIUM.';
