import { describe, it } from 'vitest';
import { keeps, PROMISES } from '../test/promises.ts';

describe('whatever happens, in many more cases', () => {
  for (const promise of PROMISES) it(promise.name, () => keeps(promise, { seed: 20_260_102, times: 10 }));
});
