import { expect, it } from 'vitest';
import { stale } from './committed.ts';

it('finds the errors and the diagrams as the sources have them now: docs:build writes them', () => {
  expect(stale()).toEqual([]);
});
