// Checks the built site: its files, and in a browser if there is one; and the links of Markdown as they are in the repository.
import { globSync } from 'node:fs';
import { installed, missing, remedy } from '@auth/scripts/chromium';
import { ROOT, SITE } from './paths.ts';
import { browserComplaints } from './site/browser.ts';
import { readPages } from './site/pages.ts';
import { staticComplaints } from './site/static-checks.ts';
import { stale } from './stage/committed.ts';
import { brokenLinks } from './stage/repository-links.ts';

const { CI } = process.env;
const pages = readPages(SITE);
if (pages.length === 0) throw new Error('There is no site yet. Build it with docs:build.');

// Every document is opened. The rest comes from the same templates, so one page of each kind is looked at closely.
const opened = globSync(['index.html', '{guides,packages,project}/*.html', 'reference/*/index.html'], { cwd: SITE }).sort();
const closely = [
  'index.html',
  'guides/token-life.html',
  'guides/errors.html',
  'packages/finicity.html',
  'reference/core/index.html',
  'reference/core/AuthError.html',
  'reference/core/Authority.html',
  'reference/core/authorizedFetch.html',
];
const visited = [...new Set([...opened, ...closely])];

if (installed === undefined) console.log(`No page was looked at in a browser, as ${missing}.`);
const complaints = [
  ...stale().map((path) => `${path} is not what its sources say. Build the site, and commit it.`),
  ...brokenLinks(ROOT),
  ...staticComplaints(SITE, pages),
  ...(installed === undefined ? [] : await browserComplaints({ opened: visited, closely }, installed)),
  ...(installed === undefined && CI === 'true' ? [`Pages have to be looked at in a browser, but ${missing}. ${remedy}`] : []),
];
for (const complaint of complaints) console.log(complaint);
console.log(
  `${pages.length} pages checked, ${installed === undefined ? 0 : visited.length} of them in a browser: ${complaints.length} complaints`,
);
process.exitCode = complaints.length === 0 ? 0 : 1;
