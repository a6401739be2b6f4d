import { describe, it } from 'vitest';
import { keeps, PROMISES } from '../test/promises.ts';

// The same cases at every change, so that a failure comes from the change. `e2e/properties.test.ts` tries more cases, and others.
describe('whatever happens', () => {
  for (const promise of PROMISES) it(promise.name, () => keeps(promise, { seed: 20_260_101, times: 1 }));
});
