import { describe, expect, it } from 'vitest';
import { seededRandom } from './seed.ts';

const numbers = (seed: string, count: number): readonly number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
};

describe('a seeded random function', () => {
  it('gives the same numbers for the same text', () => {
    expect(numbers('demo', 100)).toEqual(numbers('demo', 100));
  });

  it('gives other numbers for any other text', () => {
    expect(numbers('demo', 1)).not.toEqual(numbers('demp', 1));
    expect(numbers('', 1)).not.toEqual(numbers(' ', 1));
  });

  it('fills [0, 1) evenly', () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const number of numbers('demo', 100_000)) {
      const tenth = Math.floor(number * 10);
      tenths[tenth] = (tenths[tenth] ?? Number.NaN) + 1;
    }
    expect(tenths).toHaveLength(10);
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});
