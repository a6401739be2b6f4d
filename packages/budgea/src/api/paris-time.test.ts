import { expect, it } from 'vitest';
import { parisTime } from './paris-time.ts';

it.each([
  ['winter', '2026-01-15 12:00:00', '2026-01-15T11:00:00Z'],
  ['summer', '2026-07-15 12:00:00', '2026-07-15T10:00:00Z'],
  ['a summer evening whose UTC date is the same', '2026-07-15 23:59:59', '2026-07-15T21:59:59Z'],
  ['a new year, which is still last year in UTC', '2026-01-01 00:00:00', '2025-12-31T23:00:00Z'],
  ['the last day of February in a leap year', '2028-02-29 00:30:00', '2028-02-28T23:30:00Z'],
  ['the last second before the spring change', '2026-03-29 01:59:59', '2026-03-29T00:59:59Z'],
  ['an hour that the spring change left out, as the hour after it', '2026-03-29 02:30:00', '2026-03-29T01:30:00Z'],
  ['the first second after the spring change', '2026-03-29 03:00:00', '2026-03-29T01:00:00Z'],
  ['the evening of the spring change', '2026-03-29 20:00:00', '2026-03-29T18:00:00Z'],
  ['the last second before the hour that comes twice', '2026-10-25 01:59:59', '2026-10-24T23:59:59Z'],
  ['the start of the hour that comes twice, as the first of both', '2026-10-25 02:00:00', '2026-10-25T00:00:00Z'],
  ['the end of the hour that comes twice, as the first of both', '2026-10-25 02:59:59', '2026-10-25T00:59:59Z'],
  ['the first second after the hour that comes twice', '2026-10-25 03:00:00', '2026-10-25T02:00:00Z'],
  ['the evening of the autumn change', '2026-10-25 20:00:00', '2026-10-25T19:00:00Z'],
  ['the example of the documentation', '2015-07-04 15:17:29', '2015-07-04T13:17:29Z'],
  ['fractions of a second, without them', '2026-01-15 12:00:00.250000', '2026-01-15T11:00:00Z'],
])('parisTime reads %s', (_, text, moment) => {
  expect(parisTime(text)).toBe(Date.parse(moment));
});

it.each([
  ...['', 'yesterday', '2026-01-15', '2026-01-15T12:00:00Z', '2026-01-15 12:00:00Z', '2026-01-15 12:00:00+00:00'],
  ...['0000-00-00 00:00:00', '2026-13-01 00:00:00', '2026-02-30 00:00:00', '2026-01-15 25:00:00'],
])('parisTime does not guess what %j means', (text) => {
  expect(parisTime(text)).toBeNull();
});
