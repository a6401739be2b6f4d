import { memoryStore } from '@auth/core';
import { fakeClock } from '@auth/core/testing';
import { describe, it } from 'vitest';
import { storeContract } from '../index.ts';

describe('memoryStore', () => {
  const clock = fakeClock();
  const store = memoryStore({ clock });
  const contract = storeContract({
    create: () => store,
    elapse: clock.advance,
    restart: 'lives in one process',
    unreachable: 'lives in one process',
  });
  for (const { name, run } of contract) it(name, run);
});
