import { describe, expect, it, vi } from 'vitest';
import { explain } from '../test/authority-of.ts';
import { hashAtOnce, steppingClock } from '../test/stepping-clock.ts';
import type { AuthEvent, Store, Token } from './index.ts';
import { authorizedFetch, managed, memoryStore } from './index.ts';
import { tokenAuthority } from './kit/index.ts';

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];
const BASE_URL = 'https://api.acme.example/';

/** What a vendor does, where it is not as usual. */
interface Vendor {
  /** How long tokens live, in milliseconds; `null` for ever. */
  readonly lifetime?: number | null;
  /** Milliseconds after its issue from when on a token is accepted. */
  readonly lag?: number;
}

/** How a process is started. */
interface Started {
  readonly store?: Store;
  /** Milliseconds by which the process's wall clock is ahead. */
  readonly ahead?: number;
  /** Whether the vendor is asked about a token before another is requested. */
  readonly asks?: boolean;
}

/** An API in memory. Its tokens are t1, t2, …; the path `refused` answers 401 to all of them, every other path to those that ended. */
const openVendor = ({ lifetime = 2 * HOUR, lag = 0 }: Vendor = {}) => {
  const clock = steppingClock(Date.UTC(2026, 0, 1));
  const issuedAt = new Map<string, number>();
  const ended = new Set<string>();
  const isAlive = (value: string): boolean => {
    const issued = issuedAt.get(value);
    return issued !== undefined && !ended.has(value) && clock.monotonic() >= issued + lag;
  };
  let refusesAll = false;
  let questions = 0;

  const start = ({ store, ahead = 0, asks = false }: Started = {}) => {
    const events: AuthEvent[] = [];
    const own = { ...clock, now: () => clock.now() + ahead };
    const token = async (): Promise<Token> => {
      const value = `t${issuedAt.size + 1}`;
      issuedAt.set(value, clock.monotonic());
      return { value, issuedAt: own.now(), expiresAt: lifetime === null ? null : own.now() + lifetime };
    };
    const observe = (event: AuthEvent): void => void events.push(event);
    const tokens = managed({ token }, { clock: own, random: () => 0, observe, store, key: store && 'acme' });
    const authority = tokenAuthority({
      provider: 'acme',
      baseUrl: BASE_URL,
      transport: async (input, init) => {
        const [, value = ''] = /^Bearer (.*)$/.exec(new Headers(init?.headers).get('authorization') ?? '') ?? [];
        const isRefused = refusesAll || String(input).includes('/refused') || !isAlive(value);
        return isRefused ? Response.json({ code: 'unauthorized' }, { status: 401 }) : Response.json(value);
      },
      tokens,
      explain,
      headersOf: ({ value }) => ({ authorization: `Bearer ${value}` }),
      isTokenRefused: async ({ status }) => status === 401,
      isTokenEnded: asks
        ? async ({ value }) => {
            questions += 1;
            return refusesAll || !isAlive(value);
          }
        : undefined,
    });
    const fetch = authorizedFetch(authority);
    return {
      tokens,
      authority,
      events,
      /** How many of these calls fail, which are made one after the other, `pause` milliseconds apart. */
      failed: async (path: string, calls = 1, pause = 0): Promise<number> => {
        let count = 0;
        for (let call = 0; call < calls; call += 1) {
          if (!(await fetch(path)).ok) count += 1;
          clock.advance(pause);
        }
        return count;
      },
      get: async (path = 'good'): Promise<number> => (await fetch(path)).status,
    };
  };
  return {
    clock,
    start,
    requests: () => issuedAt.size,
    questions: () => questions,
    revokeAll: () => {
      for (const value of issuedAt.keys()) ended.add(value);
    },
    refuseAll: (is = true) => {
      refusesAll = is;
    },
  };
};

/** Runs `each` every `pause` milliseconds, for `length` milliseconds. */
const every = async (clock: { advance: (milliseconds: number) => void }, pause: number, length: number, each: (at: number) => unknown) => {
  for (let at = 0; at < length; at += pause) {
    await each(at);
    clock.advance(pause);
  }
};

hashAtOnce();

describe('while every token is refused', () => {
  it.each([
    ['100 calls without a pause', 0, 2],
    ['a call each second for 100 s', SECOND, 8],
    ['a call each 50 ms for 5 s', 50, 4],
  ])('%s cost few token requests, and all get the vendor’s answer', async (_, pause, most) => {
    const { start, requests } = openVendor();
    expect(await start().failed('refused', 100, pause)).toBe(100);
    expect(requests()).toBe(most);
  });

  it('100 concurrent calls cost two token requests', async () => {
    const { start, requests } = openVendor();
    const { get } = start();
    expect(new Set(await Promise.all(Array.from({ length: 100 }, () => get('refused'))))).toEqual(new Set([401]));
    expect(requests()).toBe(2);
  });

  it('calls 50 ms apart for 10 minutes cost 16 token requests: the pause doubles up to a minute', async () => {
    const { start, requests } = openVendor();
    await start().failed('refused', 12_000, 50);
    expect(requests()).toBe(16);
  });

  it('a token without an end is given up after 1 s, then 10 minutes, then an hour', async () => {
    const { start, requests, clock } = openVendor({ lifetime: null });
    const { get } = start();
    const at: number[] = [];
    await every(clock, SECOND, 3 * HOUR, async (now) => {
      const before = requests();
      await get('refused');
      if (requests() > before) at.push(now);
    });
    expect(at).toEqual([0, SECOND, 601 * SECOND, 4_201 * SECOND, 7_801 * SECOND]);
    expect(requests()).toBe(6);
  });

  it('a token without an end that is used each 5 minutes is replaced once an hour', async () => {
    const { start, requests } = openVendor({ lifetime: null });
    await start().failed('refused', 24 * 12, 5 * MINUTE);
    expect(requests()).toBeLessThanOrEqual(27);
  });

  it('the caller gets the refusal untouched, with its body to be read', async () => {
    const { start } = openVendor();
    const { authority } = start();
    for (let call = 0; call < 2; call += 1) {
      const response = await authorizedFetch(authority)('refused');
      expect([response.status, await response.json()]).toEqual([401, { code: 'unauthorized' }]);
    }
  });

  it('observers are told once per pause, how long it takes', async () => {
    const { start } = openVendor();
    const { failed, events } = start();
    await failed('refused', 8, 500);
    const told = events.flatMap((event) => (event.type === 'renewal_in_vain' ? [[event.at - Date.UTC(2026, 0, 1), event.pause]] : []));
    expect(told).toEqual([
      [0, 1_000],
      [1_000, 2_000],
      [3_000, 4_000],
    ]);
    expect(events.map(({ type }) => type).slice(0, 4)).toEqual(['acquired', 'invalidated', 'refreshed', 'renewal_in_vain']);
  });
});

describe('beside a path that is refused', () => {
  it('each 10 s, a good one each second never fails, and an hour costs at most 70 token requests', async () => {
    const { start, requests, clock } = openVendor();
    const { failed } = start();
    let failures = 0;
    await every(clock, SECOND, HOUR, async (at) => {
      if (at % (10 * SECOND) === 0) await failed('refused');
      failures += await failed('good');
    });
    expect(failures).toBe(0);
    expect(requests()).toBeLessThanOrEqual(70);
  });

  it('a revocation stops a good one for the rest of a pause, which is at most a minute', async () => {
    const { start, revokeAll, clock } = openVendor();
    const { failed } = start();
    let failures = 0;
    await every(clock, SECOND, HOUR, async (at) => {
      if (at === HOUR / 2) revokeAll();
      if (at % (10 * SECOND) === 0) await failed('refused');
      failures += await failed('good');
    });
    expect(failures).toBeGreaterThan(0);
    expect(failures).toBeLessThanOrEqual(60);
  });
});

describe('a renewal that helps', () => {
  it('five times, 5 s apart, costs no call: it is not in vain when the repeated request succeeds', async () => {
    const { start, revokeAll, requests, clock } = openVendor();
    const { failed } = start();
    let failures = 0;
    await every(clock, 50, 30 * SECOND, async (at) => {
      if (at > 0 && at % (5 * SECOND) === 0 && at <= 25 * SECOND) revokeAll();
      failures += await failed('good');
    });
    expect([failures, requests()]).toEqual([0, 6]);
  });

  it('costs no call either at once after the last, or 15 s after it', async () => {
    const { start, revokeAll, requests, clock } = openVendor();
    const { failed } = start();
    for (const pause of [0, 15 * SECOND, 0, 0]) {
      clock.advance(pause);
      expect(await failed('good', 2)).toBe(0);
      revokeAll();
    }
    expect(requests()).toBe(4);
  });

  it('is the last of a streak also if its repeated request was redirected', async () => {
    const { start, revokeAll } = openVendor();
    const { authority } = start();
    const fetch = authorizedFetch(authority, {
      fetch: async (input, init) => {
        const response = await authority.transport(input, init);
        return response.ok && String(input).endsWith('from') ? new Response(null, { status: 302, headers: { location: 'to' } }) : response;
      },
    });
    for (let round = 0; round < 3; round += 1) {
      expect((await fetch('from')).status).toBe(200);
      revokeAll();
    }
  });
});

describe('a vendor that accepts new tokens 0.7 s late', () => {
  it('is waited for, at the price of three token requests for two lives', async () => {
    const { start, requests, clock } = openVendor({ lag: 700 });
    const { failed } = start();
    let failures = 0;
    await every(clock, 50, 61 * MINUTE, async () => {
      failures += await failed('good');
    });
    expect(failures).toBeLessThanOrEqual((2 * 700) / 50);
    expect(requests()).toBe(3);
  });
});

describe('a streak ends', () => {
  /** A process whose third token was refused a second ago, so that the next refusal is in vain for another second. */
  const inTrouble = async () => {
    const vendor = openVendor();
    const process = vendor.start();
    await process.failed('refused', 2, SECOND);
    expect(vendor.requests()).toBe(3);
    const current = await process.tokens.token();
    return { ...vendor, ...process, current };
  };

  it('by nothing else: not by a success that was no repetition, a new token alone, or a late word about an older one', async () => {
    const { failed, get, authority, requests, current } = await inTrouble();
    expect(await get()).toBe(200);
    const late = { headers: {}, bodyFields: null, token: { ...current, value: 't1' } };
    expect(await authority.shouldRetry(new Response(null, { status: 401 }), late)).toBe('token');
    await authority.shouldRetry(new Response(null, { status: 200 }), late);
    await failed('refused');
    expect([requests(), authority.peek()?.value]).toEqual([3, 't3']);
  });

  it.each<[string, (tokens: Awaited<ReturnType<typeof inTrouble>>) => Promise<unknown>]>([
    ['an order', ({ tokens, current }) => tokens.invalidate(current)],
    ['an adoption', ({ tokens, clock }) => tokens.adopt({ value: 'own', issuedAt: clock.now(), expiresAt: clock.now() + HOUR })],
    ['the end of the subject', ({ tokens }) => tokens.forget()],
    [
      'the success of a repeated request',
      ({ authority, current: token }) => authority.shouldRetry(new Response(), { headers: {}, bodyFields: null, token }),
    ],
  ])('by %s', async (_, end) => {
    const trouble = await inTrouble();
    await end(trouble);
    await trouble.tokens.token();
    const before = trouble.requests();
    await trouble.failed('refused');
    expect(trouble.requests()).toBe(before + 1);
  });

  it('by ten minutes without a refusal', async () => {
    const { start, requests, clock } = openVendor();
    const { failed, get } = start();
    await failed('refused', 64, SECOND);
    expect(requests()).toBe(8);
    clock.advance(10 * MINUTE);
    await failed('refused');
    clock.advance(SECOND);
    // The pause is the shortest again.
    await failed('refused');
    expect([requests(), await get()]).toEqual([10, 200]);
  });
});

describe('an order', () => {
  it('is always obeyed, and counts nothing', async () => {
    const { start, requests } = openVendor();
    const { tokens, failed } = start();
    for (let order = 0; order < 50; order += 1) await tokens.invalidate(await tokens.token());
    expect([requests(), await failed('good'), requests()]).toEqual([50, 0, 51]);
  });
});

describe('a vendor that is asked about the token', () => {
  it('is asked before another renewal, and a token that is alive stays for good', async () => {
    const { start, requests, questions } = openVendor({ lifetime: null });
    const process = start({ asks: true });
    await process.failed('refused', 24 * 60, MINUTE);
    expect([requests(), questions(), await process.get()]).toEqual([2, 24 * 60 - 1, 200]);
  });

  it('is not asked about the first token that is refused, nor within a pause', async () => {
    const { start, revokeAll, questions } = openVendor({ lifetime: null });
    const { failed } = start({ asks: true });
    for (let round = 0; round < 3; round += 1) {
      revokeAll();
      expect(await failed('good')).toBe(0);
    }
    await failed('refused', 10);
    expect(questions()).toBe(0);
  });

  it.each([
    ['first', 2 + 11 * 2],
    ['last', 2 + 11],
  ])('a token that ended is renewed at once, though a path beside it is always refused: a good one meets it %s', async (which, most) => {
    const { start, revokeAll, requests, clock } = openVendor({ lifetime: null });
    const { failed } = start({ asks: true });
    let failures = 0;
    await every(clock, 10 * SECOND, HOUR, async (at) => {
      if (at > 0 && at % (5 * MINUTE) === 0) revokeAll();
      for (const path of which === 'first' ? ['good', 'refused'] : ['refused', 'good'])
        failures += path === 'good' ? await failed(path) : (await failed(path)) - 1;
    });
    expect([failures, requests()]).toEqual([0, most]);
  });

  it('may take its time: a token that is given up meanwhile is not in vain', async () => {
    const { start, clock } = openVendor();
    const { authority, tokens, failed } = start();
    await failed('refused');
    clock.advance(SECOND);
    const token = await tokens.token();
    const asking = tokenAuthority({
      provider: 'acme',
      baseUrl: BASE_URL,
      transport: authority.transport,
      tokens,
      explain,
      headersOf: () => ({}),
      isTokenRefused: async () => true,
      isTokenEnded: async () => {
        await tokens.invalidate(token);
        return false;
      },
    });
    expect(await asking.shouldRetry(new Response(null, { status: 401 }), { headers: {}, bodyFields: null, token })).toBe('token');
  });

  it('a question that fails says nothing: the token stays', async () => {
    const { start, clock, requests } = openVendor();
    const { authority, failed } = start({ asks: true });
    await failed('refused');
    clock.advance(MINUTE);
    const broken = tokenAuthority({
      provider: 'acme',
      baseUrl: BASE_URL,
      transport: authority.transport,
      tokens: start().tokens,
      explain,
      headersOf: () => ({}),
      isTokenRefused: async () => true,
      isTokenEnded: () => Promise.reject(new Error('unreachable')),
    });
    await authorizedFetch(broken)('refused');
    const before = requests();
    clock.advance(MINUTE);
    await authorizedFetch(broken)('refused');
    expect(requests()).toBe(before);
  });
});

describe('processes that share a store', () => {
  const open = (vendor: Vendor = {}, second: Started = {}) => {
    const world = openVendor(vendor);
    const store = memoryStore({ clock: world.clock });
    const start = (more: Started = {}) => world.start({ store, ...more });
    return { ...world, start, store, processes: [start(), start(second)] as const };
  };

  it.each([
    ['one after the other', (call: number) => call % 2],
    ['one for a while, then the other', (call: number) => (call < 10 ? 0 : 1)],
    ['the other seldom', (call: number) => (call % 7 === 3 ? 1 : 0)],
  ])('cost eight token requests together for 100 refused calls: %s', async (_, which) => {
    const { processes, requests, clock } = open();
    for (let call = 0; call < 100; call += 1) {
      expect(await processes[which(call) === 0 ? 0 : 1].failed('refused')).toBe(1);
      clock.advance(SECOND);
    }
    expect(requests()).toBeLessThanOrEqual(8);
  });

  it('cost one token request more than one process, if eight of them start at once', async () => {
    const { start, requests, clock } = open();
    const calls = Array.from({ length: 8 }, () => start()).flatMap(({ get }) => [get('refused'), get('refused')]);
    await clock.settle(SECOND - 1);
    expect(new Set(await Promise.all(calls))).toEqual(new Set([401]));
    expect(requests()).toBeLessThanOrEqual(3);
  });

  it('cost 16 together for calls 50 ms apart for 10 minutes', async () => {
    const { processes, requests, clock } = open();
    for (let call = 0; call < 12_000; call += 1) {
      await processes[call % 2 === 0 ? 0 : 1].failed('refused');
      clock.advance(50);
    }
    expect(requests()).toBeLessThanOrEqual(16);
  });

  it('cost 70 together in an hour for a path that is refused each 10 s beside a good one', async () => {
    const { processes, requests, clock } = open();
    let failures = 0;
    await every(clock, SECOND, HOUR, async (at) => {
      const [one, other] = (at / SECOND) % 20 < 10 ? processes : [processes[1], processes[0]];
      if (at % (10 * SECOND) === 0) await one.failed('refused');
      failures += (await one.failed('good')) + (await other.failed('good'));
    });
    expect(failures).toBe(0);
    expect(requests()).toBeLessThanOrEqual(70);
  });

  it.each([
    ['five times, 5 s apart', 5 * SECOND, 5],
    ['twice, 15 s apart', 15 * SECOND, 2],
    ['three times, at once', 0, 3],
  ])('lose no call when all tokens are revoked %s', async (_, pause, times) => {
    const { processes, requests, revokeAll, clock } = open();
    for (let time = 0; time <= times; time += 1) {
      for (const { failed } of time % 2 === 0 ? processes : [...processes].reverse()) expect(await failed('good', 3)).toBe(0);
      clock.advance(pause);
      if (time < times) revokeAll();
    }
    expect(requests()).toBe(times + 1);
  });

  it('a third one that starts later takes part in the pause from the second refusal on, not from the first', async () => {
    const { processes, start, requests, clock } = open();
    await processes[0].failed('refused');
    expect([await start().failed('refused'), requests()]).toEqual([1, 3]);
    clock.advance(SECOND);
    expect([await start().failed('refused'), requests()]).toEqual([1, 3]);
    clock.advance(SECOND);
    expect([await start().failed('refused'), requests()]).toEqual([1, 4]);
  });

  it('one that starts for every call neither forgets the pause nor waits for ever', async () => {
    const { start, requests, refuseAll, revokeAll, clock } = open();
    refuseAll();
    for (let call = 0; call < 100; call += 1) {
      await start().failed('good');
      clock.advance(SECOND);
    }
    expect(requests()).toBeLessThanOrEqual(9);
    refuseAll(false);
    revokeAll();
    let failures = 0;
    for (let call = 0; call < 100; call += 1) {
      failures += await start().failed('good');
      clock.advance(SECOND);
    }
    expect(failures).toBeLessThanOrEqual(60);
  });

  it.each([
    ['ahead', 30 * MINUTE],
    ['behind', -30 * MINUTE],
  ])('one whose wall clock is %s costs the others no more than as many requests again', async (_, ahead) => {
    const { processes, requests, clock } = open({}, { ahead });
    for (let call = 0; call < 100; call += 1) {
      await processes[call % 2 === 0 ? 0 : 1].failed('refused');
      clock.advance(SECOND);
    }
    expect(requests()).toBeLessThanOrEqual(16);
  });

  it('read and write the store no more often than for any renewal', async () => {
    const { start, store, clock, refuseAll } = open();
    const counts = { read: 0, write: 0 };
    const counted: Store = {
      read: (key) => {
        counts.read += 1;
        return store.read(key);
      },
      write: (...given) => {
        counts.write += 1;
        return store.write(...given);
      },
    };
    const { failed } = start({ store: counted });
    await failed('good');
    refuseAll();
    Object.assign(counts, { read: 0, write: 0 });
    await failed('good');
    expect(counts).toEqual({ read: 2 + 1, write: 2 + 1 });
    await failed('good', 9, 50);
    expect(counts).toEqual({ read: 2 + 1, write: 2 + 1 });
    clock.advance(SECOND);
    await failed('good', 2);
    expect(counts).toEqual({ read: 2 * (2 + 1), write: 2 * (2 + 1) });
  });

  it('count in each process while the store is down', async () => {
    const down: Store = { read: () => Promise.reject(new Error('down')), write: () => Promise.reject(new Error('down')) };
    const { start, requests } = openVendor();
    expect(await start({ store: down }).failed('refused', 100, SECOND)).toBe(100);
    expect(requests()).toBe(8);
  });
});

it('a refusal is answered by a renewal where the rest of the engine can no longer be loaded', async () => {
  vi.resetModules();
  vi.doMock('./engine/refused-tokens.ts', () => {
    throw new Error('A deployment has replaced the files.');
  });
  const { managed: fresh } = await import('./managed.ts');
  const { tokenAuthority: freshAuthority } = await import('./kit/token-authority.ts');
  let issued = 0;
  const token = async (): Promise<Token> => {
    issued += 1;
    return { value: `t${issued}`, issuedAt: Date.now(), expiresAt: null };
  };
  const authority = freshAuthority({
    provider: 'acme',
    baseUrl: BASE_URL,
    transport: async (_, init) => new Response(null, { status: new Headers(init?.headers).get('token') === 't1' ? 401 : 200 }),
    tokens: fresh({ token }),
    explain,
    headersOf: ({ value }) => ({ token: value }),
    isTokenRefused: async ({ status }) => status === 401,
  });
  expect((await authorizedFetch(authority)('users')).status).toBe(200);
  vi.doUnmock('./engine/refused-tokens.ts');
});
