// Checks the built site: its files, and in a browser if there is one.
import { globSync } from 'node:fs';
import { SITE } from './paths.ts';
import { browserComplaints, findBrowser } from './site/browser.ts';
import { readPages } from './site/pages.ts';
import { staticComplaints } from './site/static-checks.ts';

const { CHROMIUM, CI } = process.env;
const pages = readPages(SITE);
if (pages.length === 0) throw new Error('There is no site yet. Build it with docs:build.');

// Every guide and package is opened. The rest comes from the same templates, so one page of each kind is looked at closely.
const opened = globSync('*.html', { cwd: SITE }).sort();
const closely = [
  'index.html',
  'token-life.html',
  'errors.html',
  'finicity.html',
  'core/AuthError.html',
  'core/Authority.html',
  'core/authorizedFetch.html',
];

const browser = findBrowser(CHROMIUM);
if (browser === undefined) console.log('Chromium is not installed, so that no page was looked at in a browser.');
const complaints = [
  ...staticComplaints(SITE, pages),
  ...(browser === undefined ? [] : await browserComplaints(SITE, { opened, closely }, browser)),
  ...(browser === undefined && CI === 'true'
    ? ['There is no browser. Install the Debian package chromium, or name another in CHROMIUM.']
    : []),
];
for (const complaint of complaints) console.log(complaint);
console.log(
  `${pages.length} pages checked, ${browser === undefined ? 0 : opened.length} of them in a browser: ${complaints.length} complaints`,
);
process.exitCode = complaints.length === 0 ? 0 : 1;
