import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { staticComplaints } from './static-checks.ts';

const page = (content: string): string => `<html lang="en"><h3>On this page</h3><main>${content}</main><h3>Settings</h3></html>`;

const complaints = (content: string): readonly string[] => {
  const site = mkdtempSync(join(tmpdir(), 'site-'));
  writeFileSync(join(site, 'a.html'), page(content));
  writeFileSync(join(site, 'b.html'), page('<h1>B</h1><h2 id="there">C</h2>'));
  return staticComplaints(site);
};

it('has no complaints about a page in order', () => {
  expect(complaints('<h1>A</h1><h2>B</h2><h3>C</h3><a href="b.html#there">b</a> <a href="https://example.org/">c</a>')).toEqual([]);
});

it.each([
  ['<h1>A</h1><a href="c.html">c</a>', 'leads nowhere'],
  ['<h1>A</h1><a href="b.html#gone">b</a>', 'no such anchor'],
  ['<h1>A</h1><h3>C</h3>', 'upper level is missing'],
  ['<h1>A</h1><h1>B</h1>', '2 titles'],
  ['<h1>A</h1><img src="b.html">', 'without a text'],
  ['<h1>A</h1><img src="https://example.org/b.png" alt="b">', 'from another host'],
  ['<h1>A</h1><link rel="stylesheet" href="//example.org/b.css">', 'from another host'],
  ['<h1>A</h1><p id="x"></p><p id="x"></p>', 'an id twice'],
  [`<h1>A</h1>${'x'.repeat(200_000)}`, 'more than 200000'],
])('complains of %.40s: %s', (content, complaint) => {
  expect(complaints(content)).toEqual([expect.stringContaining(complaint)]);
});
