import { expect, it } from 'vitest';
import { bars, race } from './race.ts';

const results = (hand: string): string =>
  [
    '# Results\n',
    '| | cold callers | failing rounds | refused: calls that failed |',
    '| --- | --- | --- | --- |',
    '| **@auth/core** | **1** | **1** | **0** |',
    `| ${hand} | 1,000 | 500 | 99 |`,
  ].join('\n');

it('draws a bar as long as its share of the longer one', () => {
  const text = bars(results('hand-written'));
  expect([...text.matchAll(/--share: (\S+)%">([\d,]+)</g)].map(([, share, count]) => `${count}: ${share}`)).toEqual([
    ...['1: 0.1', '1,000: 100.0', '1: 0.2', '500: 100.0', '0: 0.0', '99: 100.0'],
  ]);
});

it('refuses results that have the figures no more', () => {
  expect(() => bars(results('somebody'))).toThrow('no figure «cold callers»');
});

it('finds them in what the bench has measured', () => {
  expect(race()).toContain('these packages');
});
