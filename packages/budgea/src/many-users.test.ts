import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { openVendor, permanent } from '../test/setup.ts';

const USERS = 20_000;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Bytes in use, after garbage collection. */
const heap = (): number => {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
};

it('takes an entry for each of twenty thousand users, and no more for being used', async () => {
  const vendor = openVendor();
  const provider = vendor.provider();
  const request = { method: 'GET', url: `${provider.baseUrl}users/me`, clone: () => expect.fail('was read') };

  const before = heap();
  for (let id = 1; id <= USERS; id += 1) await provider.userTokens.adopt(String(id), permanent(`${id}`.padEnd(500, 'x')));
  const filled = heap();
  // The token alone is 500 of them.
  expect((filled - before) / USERS).toBeLessThan(1_000);

  for (let round = 0; round < 3; round += 1) for (let id = 1; id <= USERS; id += 1) await provider.asUser(String(id)).authorize(request);
  expect((heap() - filled) / USERS).toBeLessThan(20);
  expect(vendor.sent).toHaveLength(0);

  await provider[Symbol.asyncDispose]();
  expect((heap() - before) / USERS).toBeLessThan(20);
}, 60_000);
