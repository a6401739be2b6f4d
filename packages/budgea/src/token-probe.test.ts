import type { Token } from '@auth/core';
import { fakeClock } from '@auth/core/testing';
import { expect, it } from 'vitest';
import { createTokenProbe } from './token-probe.ts';

const token: Token = { value: 'a', issuedAt: 0, expiresAt: null };

it('a probe that one request began and that ends with it is asked for again, and holds up nobody for longer than it may take', async () => {
  const clock = fakeClock();
  let asked = 0;
  const isRevoked = createTokenProbe(clock, () => {
    asked += 1;
    return asked === 1 ? new Promise(() => {}) : Promise.resolve();
  });
  const answers: boolean[] = [];
  const ask = (): void => void isRevoked(token).then((answer) => answers.push(answer));
  ask();
  await clock.settle(31_999);
  ask();
  expect([asked, answers]).toEqual([1, []]);
  await clock.settle(1);
  expect(answers).toEqual([false]);
  ask();
  await clock.settle(0);
  expect([asked, answers]).toEqual([2, [false, false]]);
  // The last of those who waited for the first one.
  await clock.settle(32_000);
  expect(answers).toHaveLength(3);
});
