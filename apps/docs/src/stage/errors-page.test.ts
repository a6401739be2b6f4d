import { expect, it } from 'vitest';
import { CODES } from '../../../../packages/finicity/src/errors.ts';
import { errorsPage } from './errors-page.ts';

it('has every code of the vendors with the message that the provider gives', () => {
  const page = errorsPage();
  for (const [code, [ours, message]] of Object.entries(CODES)) {
    const [, section = ''] = page.split(`\n## ${ours}\n`);
    expect(section.split('\n## ')[0]).toContain(`| Finicity | \`${code}\` | ${message} |`);
  }
});

it('says what to do about each of our codes', () => {
  const sections = errorsPage().split('\n## ').slice(1);
  expect(sections.length).toBeGreaterThan(20);
  for (const section of sections) expect(section).toMatch(/\*\*What to do:\*\* \S/);
});
