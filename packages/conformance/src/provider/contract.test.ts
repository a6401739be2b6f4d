import { describe, it } from 'vitest';
import { fixtureOf } from '../../test/acme-fixture.ts';
import { providerContract } from '../index.ts';

describe('a good provider', () => {
  for (const { name, run } of providerContract(fixtureOf())) it(name, run);
});
