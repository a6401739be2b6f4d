import { expect, test } from 'vitest';
import { isMet } from './expression.ts';

const IDS = ['MIT', 'ISC'];

test.each([
  'MIT',
  '(MIT)',
  'MIT OR GPL-3.0-only',
  '(GPL-3.0-only OR MIT)',
  'MIT AND ISC',
  '(MIT OR GPL-3.0-only) AND ISC',
  'GPL-3.0-only AND MIT OR ISC',
  'GPL-3.0-only OR (CC0-1.0 OR (MIT AND ISC))',
])('can meet «%s» with MIT and ISC', (expression) => {
  expect(isMet(expression, IDS)).toBe(true);
});

test.each([
  '',
  'GPL-3.0-only',
  'MIT AND GPL-3.0-only',
  'MIT AND (GPL-3.0-only OR CC0-1.0)',
  'GPL-3.0-only AND MIT',
  'SEE LICENSE IN LICENSE.md',
  'MIT License',
  'MIT WITH An-exception',
  '(MIT',
  'MIT OR',
  'MIT)',
  'mit',
])('cannot meet «%s» with them', (expression) => {
  expect(isMet(expression, IDS)).toBe(false);
});
