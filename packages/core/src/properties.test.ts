import { describe, it } from 'vitest';
import { keeps, PROMISES } from '../test/promises.ts';

// The same at every change, so that a failure is the change's. `e2e/properties.test.ts` looks further, and elsewhere.
describe('whatever happens', () => {
  for (const promise of PROMISES) it(promise.name, () => keeps(promise, { seed: 20_260_101, times: 1 }));
});
