// Checks the built site: its files, and in a browser if there is one; and the links of Markdown as they are in the repository.
import { globSync } from 'node:fs';
import { installed, missing, remedy } from '@auth/scripts/chromium';
import { ROOT, SITE } from './paths.ts';
import { browserComplaints } from './site/browser.ts';
import { staticComplaints } from './site/static-checks.ts';
import { stale } from './stage/committed.ts';
import { brokenLinks } from './stage/repository-links.ts';

// Every document is opened.
const documents = globSync('{index,{guides,packages,project}/*,reference/*/index}.html', { cwd: SITE }).sort();
if (documents.length === 0) throw new Error('There is no site yet. Build it with docs:build.');

if (installed === undefined) console.log(`No page was looked at in a browser, as ${missing}.`);
const complaints = [
  ...stale().map((path) => `${path} is not what its sources say. Build the site, and commit it.`),
  ...brokenLinks(ROOT),
  ...staticComplaints(SITE),
  ...(installed === undefined ? [] : await browserComplaints(documents, installed)),
  ...(installed === undefined && process.env['CI'] === 'true'
    ? [`Pages have to be looked at in a browser, but ${missing}. ${remedy}`]
    : []),
];
for (const complaint of complaints) console.log(complaint);
console.log(`The site has been checked: ${complaints.length} complaints`);
process.exitCode = complaints.length === 0 ? 0 : 1;
