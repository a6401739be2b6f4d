import type { Fetch } from '@auth/core';
import { describe, expect, it } from 'vitest';
import { finicity } from './index.ts';

/** Numbers in [0, 1), the same for the same seed. */
const seeded = (seed: number) => {
  let state = seed * 2_654_435_761 + 1;
  return (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};

/** A vendor that has this many customers, and does something after each page. */
const vendorOf = (count: number, afterPage: (ids: number[]) => void) => {
  const ids = Array.from({ length: count }, (_, index) => index + 1);
  let calls = 0;
  const transport: Fetch = async (input, init) => {
    const { pathname, searchParams } = new URL(new Request(input, init).url);
    if (pathname.endsWith('/authentication')) return Response.json({ token: 'abc' });
    calls += 1;
    const start = Number(searchParams.get('start')) - 1;
    const end = start + Number(searchParams.get('limit'));
    const customers = ids
      .slice(start, end)
      .map((id) => ({ id: String(id), username: `customer-${id}`, type: 'testing', createdDate: '1' }));
    const body = { displaying: customers.length, moreAvailable: end < ids.length, customers };
    afterPage(ids);
    return Response.json(body);
  };
  const { users } = finicity({ partnerId: '1', partnerSecret: 'a', appKey: 'a'.repeat(32), fetch: transport });
  return { ids, users, calls: () => calls };
};

describe('a walk through customers', () => {
  it('gives everybody who stays, each once, whoever else is deleted and whenever', async () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = seeded(seed);
      const pageSize = 2 + Math.floor(random() * 6);
      const howOften = random();
      const { ids, users } = vendorOf(Math.floor(random() * 40), (left) => {
        if (random() < howOften) left.splice(Math.floor(random() * left.length), Math.floor(random() * 12));
      });
      const given: number[] = [];
      for await (const { id } of users.list({ pageSize })) given.push(Number(id));
      const missed = ids.filter((id) => !given.includes(id));
      expect([new Set(given).size, missed], `seed ${seed}`).toEqual([given.length, []]);
    }
  });

  it('costs one call a page, and two where everybody on it is deleted on the way', async () => {
    const quiet = vendorOf(1000, () => {});
    for await (const _ of quiet.users.list({ pageSize: 101 }));
    expect(quiet.calls()).toBe(10);

    const purged = vendorOf(1000, () => {});
    for await (const { id } of purged.users.list({ pageSize: 101 })) purged.ids.splice(purged.ids.indexOf(Number(id)), 1);
    expect(purged.ids).toEqual([]);
    expect(purged.calls()).toBeLessThanOrEqual(20);
  });
});
