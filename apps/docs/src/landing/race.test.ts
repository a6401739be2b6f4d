import { expect, it } from 'vitest';
import { race } from './race.ts';

const RESULTS = `
|                | cold callers | failing rounds | refused: calls that failed |
| -------------- | -----------: | -------------: | -------------------------: |
| **@auth/core** |        **1** |          **1** |                      **0** |
| hand-written   |        1,000 |            500 |                         99 |`;

it('draws a bar as long as its share of the longer one', () => {
  const bars = [...race(RESULTS).matchAll(/--share: (\S+)%">([\d,]+)</g)].map(([, share, count]) => `${count}: ${share}`);
  expect(bars).toEqual(['1: 0.1', '1,000: 100.0', '1: 0.2', '500: 100.0', '0: 0.0', '99: 100.0']);
});

it('refuses results that have the figures no more, and finds them in what the bench has measured', () => {
  expect(() => race(RESULTS.replace('hand-written', 'somebody'))).toThrow('no «cold callers» of /^hand-written$/');
  expect(race()).toContain('these packages');
});
