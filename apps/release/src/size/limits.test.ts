import { expect, test } from 'vitest';
import { excesses, unlimited } from './limits.ts';

const LIMITS = { bundle: 6.5, own: 6.5 };

test('is content with what is within the limits, and with what reaches them', () => {
  expect(excesses({ bundle: 6.1, own: 6.1 }, LIMITS)).toEqual([]);
  expect(excesses(LIMITS, LIMITS)).toEqual([]);
});

test('says by how much a limit is exceeded, each by itself', () => {
  expect(excesses({ bundle: 6.71, own: 6.5 }, LIMITS)).toEqual(['6.71 kB bundled are 0.21 more than the 6.50 that it may have']);
  expect(excesses({ unpacked: 300, others: 3 }, { unpacked: 300, others: 2 })).toEqual([
    '3 packages of others are 1 more than the 2 that it may have',
  ]);
});

test('finds an entry of which only some names have a limit', () => {
  const uses = [{ entry: '.' }, { entry: './kit', names: 'createHttp' }];
  expect(unlimited(['.'], uses)).toEqual([]);
  expect(unlimited(['.', './kit', './testing'], uses).map((sentence) => sentence.split(' ')[0])).toEqual(['./kit', './testing']);
});
