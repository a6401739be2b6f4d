import { CODES } from '@auth/finicity/errors';
import { expect, it } from 'vitest';
import { errorsPage } from './errors-page.ts';

it('has every code of the vendors with the message that the provider gives', () => {
  const page = errorsPage().replace(/ +\|/g, ' |');
  for (const [code, [ours, message]] of Object.entries(CODES)) {
    const [, section = ''] = page.split(`\n## ${ours}\n`);
    expect(section.split('\n## ')[0]).toContain(`| Finicity | \`${code}\` | ${message} |`);
  }
});

it('says what to do about each of our codes', () => {
  const sections = errorsPage().split('\n## ').slice(1);
  expect(sections.length).toBeGreaterThan(20);
  for (const section of sections) expect(section).toMatch(/\*\*What to do:\*\* \S[^\n]+\n\n\*\*What to tell your user:\*\* \S/);
});

it('has what the vendors mean by answers that no table of theirs decides alone', () => {
  const page = errorsPage().replace(/ +\|/g, ' |');
  const section = (code: string): string | undefined => page.split(`\n## ${code}\n`)[1]?.split('\n## ')[0];
  expect(section('unavailable')).toContain('| Finicity | status 500 and above | Finicity failed. Try again later. |');
  expect(section('invalid_credentials')).toContain('| Finicity | status 401 to a request for a token |');
  expect(section('invalid_token')).toContain('| Budgea | status 401 or 403 to the exchange of a code |');
  expect(section('conflict')).toContain('| Budgea | `invalidValue` with status 409 |');
});
