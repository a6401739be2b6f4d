/** The contract of the good provider and of a store in a runner that has nothing to do with the package's own: `node --test`. */
import { test } from 'node:test';
import { memoryStore } from '@auth/core';
import { fakeClock } from '@auth/core/testing';
import { providerContract, storeContract } from '../src/index.ts';
import { fixtureOf } from './acme-fixture.ts';

const clock = fakeClock();
const store = memoryStore({ clock });
const storeChecks = storeContract({
  create: () => store,
  elapse: clock.advance,
  restart: 'lives in one process',
  unreachable: 'lives in one process',
});
for (const { name, run } of [...providerContract(fixtureOf()), ...storeChecks]) test(name, run);
