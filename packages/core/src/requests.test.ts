import { describe, expect, it } from 'vitest';
import { openRequests, type Requests } from '../test/requests.ts';
import { hashAtOnce, loaded } from '../test/stepping-clock.ts';
import { AuthError, type AuthEvent, type Managed, type ManagedOptions, managed, memoryStore, type Store, type Token } from './index.ts';

hashAtOnce();

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Milliseconds that the vendor, and a store, take to answer. */
const [VENDOR, STORE] = [300, 2];

/** How long a flight that does not move is waited for. */
const STUCK = 32 * SECOND;

/** How long the lease of a request that has ended is waited for, with the looks at it. */
const LEASE = 3 * SECOND + 200;

/** What an engine can have beside its source. */
const KINDS: readonly (readonly [string, { readonly store?: true; readonly observe?: true; readonly fingerprint?: true }])[] = [
  ['without a store', {}],
  ['with an observer', { observe: true }],
  ['with a store', { store: true }],
  ['with a store and an observer', { store: true, observe: true }],
  ['with a fingerprint', { fingerprint: true }],
  ['with a store, an observer and a fingerprint', { store: true, observe: true, fingerprint: true }],
];

interface World extends Requests {
  readonly tokens: Managed;
  /** How often the vendor was asked. */
  readonly asked: () => number;
  readonly events: readonly AuthEvent[];
  /** What a request of its own gets, and after how long. */
  readonly call: (options?: { readonly signal?: AbortSignal }) => Promise<{ readonly got: string; readonly waited: number }>;
  /** A request that asks for the token, and ends at once when told so: its client has gone. */
  readonly begun: () => { readonly end: () => void };
}

const setUp = async (
  { store: hasStore, observe, fingerprint }: (typeof KINDS)[number][1] = {},
  more: (requests: Requests) => ManagedOptions = () => ({}),
  answered: (index: number) => number = () => VENDOR,
  refused: (index: number) => boolean = () => false,
): Promise<World> => {
  const requests = openRequests(Date.UTC(2026, 0, 1));
  const { time, clock, after, handle, begin } = requests;
  const events: AuthEvent[] = [];
  const storage = memoryStore({ clock: time });
  const store: Store = {
    read: async (key) => {
      await after(STORE, undefined);
      return storage.read(key);
    },
    write: async (key, value, how) => {
      await after(STORE, undefined);
      return storage.write(key, value, how);
    },
  };
  let asked = 0;
  const source = {
    token: async (): Promise<Token> => {
      asked += 1;
      const value = `t${asked}`;
      const issuedAt = clock.now();
      const isRefused = refused(asked);
      await after(answered(asked), undefined);
      if (isRefused) throw new AuthError('No.', { code: 'invalid_credentials', provider: 'acme', operation: 'token' });
      return { value, issuedAt, expiresAt: issuedAt + 2 * HOUR };
    },
  };
  const tokens = managed(source, {
    clock,
    random: () => 0,
    ...(hasStore && { store, key: 'key' }),
    ...(observe && { observe: (event: AuthEvent) => void events.push(event) }),
    ...(fingerprint && { fingerprint: () => 'secret' }),
    ...more(requests),
  });
  // What the first request of a worker loads is there; `load-once.test.ts` has the rest.
  await time.settle(10);
  await loaded();
  const ask = async (options?: { readonly signal?: AbortSignal }) => {
    const since = time.monotonic();
    const got = await tokens.token(options).then(
      ({ value, expiresAt }) => (expiresAt !== null && expiresAt <= time.now() ? `dead ${value}` : value),
      (error: unknown) => (AuthError.is(error) ? error.code : String(error)),
    );
    return { got, waited: time.monotonic() - since };
  };
  return {
    ...requests,
    tokens,
    asked: () => asked,
    events,
    call: async (options) => {
      const outcome = handle(() => ask(options));
      let isOver = false;
      const over = outcome.then(() => {
        isOver = true;
      });
      for (let waited = 0; !isOver && waited < 3 * MINUTE; waited += SECOND / 20) await time.settle(SECOND / 20);
      if (!isOver) return { got: 'hangs', waited: time.monotonic() };
      await over;
      return outcome;
    },
    begun: () => begin(() => ask()),
  };
};

/** Ends a request while the vendor is being asked on its behalf. */
const orphan = async ({ begun, time }: World): Promise<void> => {
  const { end } = begun();
  await time.settle(VENDOR / 2);
  end();
};

/** The same for an engine whose credentials were accepted two hours ago, and whose token has ended. */
const orphanLater = async (world: World): Promise<void> => {
  await world.call();
  await world.time.settle(2 * HOUR);
  await orphan(world);
};

describe('requests of a worker, over a day', () => {
  it.each(KINDS)('all get a living token, %s', async (_, kind) => {
    const { time, call, timers } = await setUp(kind);
    const seen: { readonly got: string; readonly waited: number }[] = [];
    for (let minute = 0; minute < 24 * 60; minute += 7) {
      seen.push(await call());
      await time.settle(7 * MINUTE);
    }
    expect(seen.filter(({ got }) => !/^t\d+$/.test(got))).toEqual([]);
    // One's own flight and, in a store, the lease of one that has ended.
    expect(Math.max(...seen.map(({ waited }) => waited))).toBeLessThan(LEASE + SECOND);
    expect(timers()).toBe(0);
  });

  it.each(KINDS)('never wait for the vendor, if `waitUntil` keeps renewals alive, %s', async (_, kind) => {
    const { time, call, asked, timers } = await setUp(kind, ({ waitUntil }) => ({ waitUntil }));
    await call();
    const seen = new Set<number>();
    for (let minute = 7; minute < 24 * 60; minute += 7) {
      await time.settle(7 * MINUTE);
      seen.add((await call()).waited);
    }
    expect(seen).toEqual(new Set([0]));
    expect(asked()).toBe(23);
    expect(timers()).toBe(0);
  });
});

describe('a request that ends while the vendor is asked', () => {
  it.each(KINDS)('does not hold up one that comes a minute later, %s', async (_, kind) => {
    const world = await setUp(kind);
    await orphanLater(world);
    await world.time.settle(MINUTE);
    const { got, waited } = await world.call();
    expect(got).toBe('t3');
    expect(waited).toBeLessThan((kind.store ? LEASE : 0) + SECOND);
    expect(world.timers()).toBe(0);
  });

  // Needs the gate of the new account record, which is not there yet: this one waits for an attempt that never ends.
  it.each(KINDS)('does not hold up one that comes a minute later, if it was the very first, %s', async (_, kind) => {
    const world = await setUp(kind);
    await orphan(world);
    await world.time.settle(MINUTE);
    const { got, waited } = await world.call();
    expect(got).toBe('t2');
    expect(waited).toBeLessThan((kind.store ? 2 * LEASE : 0) + SECOND);
    expect(world.timers()).toBe(0);
  });

  it.each(KINDS)('is waited for until nothing can come of it, %s', async (_, kind) => {
    const world = await setUp(kind);
    await orphanLater(world);
    await world.time.settle(SECOND);
    const { got, waited } = await world.call();
    expect(got).toBe('timeout');
    expect(waited).toBeGreaterThan(STUCK - 2 * SECOND);
    expect(waited).toBeLessThan(STUCK);
    // By then its lease is dead, too.
    const next = await world.call();
    expect(next.got).toBe('t3');
    expect(next.waited).toBeLessThan((kind.store ? LEASE : 0) + SECOND);
    expect(world.timers()).toBe(0);
  });

  it('is waited for by many, each of whom has a timer of its own', async () => {
    const world = await setUp();
    await orphanLater(world);
    const first = world.begun();
    const calls = [world.call(), world.call()];
    await world.time.settle(SECOND);
    // The one that came first has gone, and its timer with it.
    first.end();
    await world.time.settle(STUCK);
    expect((await Promise.all(calls)).map(({ got }) => got)).toEqual(['timeout', 'timeout']);
    expect(world.timers()).toBe(0);
  });

  it('leaves the token that is still good to those who waited', async () => {
    const world = await setUp();
    await world.call();
    await world.time.settle(2 * HOUR - 50 * SECOND);
    await orphan(world);
    const { got, waited } = await world.call();
    expect([got, Math.round(waited / SECOND)]).toEqual(['t1', 32]);
    expect((await world.call()).got).toBe('t3');
  });

  it('has given its answer to others, if it ended only then', async () => {
    const world = await setUp();
    const { end } = world.begun();
    await world.time.settle(VENDOR / 2);
    const other = world.call();
    await world.time.settle(VENDOR / 2);
    end();
    expect((await other).got).toBe('t1');
    expect(world.asked()).toBe(1);
  });

  it('is cut off by the last caller of another request who gives up', async () => {
    const world = await setUp();
    await world.call();
    await world.time.settle(2 * HOUR);
    const [one, other] = [new AbortController(), new AbortController()];
    const first = world.call({ signal: one.signal });
    await world.time.settle(VENDOR / 2);
    const last = world.call({ signal: other.signal });
    one.abort();
    expect((await first).got).toBe('aborted');
    await world.time.settle(SECOND);
    other.abort();
    expect((await last).got).toBe('aborted');
    const { got, waited } = await world.call();
    expect(got).toBe('t3');
    expect(waited).toBeLessThan(SECOND);
  });

  it('does not keep another request from disposing of the engine', async () => {
    const world = await setUp();
    await orphanLater(world);
    let isOver = false;
    void world
      .handle(() => world.tokens[Symbol.asyncDispose]())
      .then(() => {
        isOver = true;
      });
    await world.time.settle(STUCK);
    expect(isOver).toBe(true);
    expect((await world.call()).got).toBe('aborted');
    expect(world.timers()).toBe(0);
  });

  it('may have spent its refresh token: with one that works once, no other request sends it', async () => {
    const world = await setUp({ store: true }, () => ({ singleUse: true }));
    const [issuedAt, expiresAt] = [world.time.now(), world.time.now() + HOUR];
    void world.handle(() => world.tokens.adopt({ value: 'adopted', issuedAt, expiresAt }, 'r1'));
    await world.time.settle(HOUR);
    await orphan(world);
    await world.time.settle(MINUTE);
    expect((await world.call()).got).toBe('outcome_unknown');
    expect(world.asked()).toBe(1);
  });

  it.each(KINDS)('ends nothing that `waitUntil` keeps alive, %s', async (_, kind) => {
    const world = await setUp(kind, ({ waitUntil }) => ({ waitUntil }));
    const controller = new AbortController();
    const first = world.call({ signal: controller.signal });
    await world.time.settle(VENDOR / 2);
    const other = world.call();
    await world.time.settle(1);
    controller.abort();
    expect((await first).got).toBe('aborted');
    expect((await other).got).toBe('t1');
    expect(world.asked()).toBe(1);
    expect(world.timers()).toBe(0);
  });
});

describe('`waitUntil`', () => {
  it('is told of each flight in the request that begins it, with a promise that never rejects', async () => {
    const told: Promise<unknown>[] = [];
    const world = await setUp(
      {},
      () => ({ waitUntil: (work) => void told.push(work) }),
      (index) => (index === 1 ? VENDOR : 40 * SECOND),
    );
    await world.call();
    expect(told).toHaveLength(1);
    await world.time.settle(HOUR);
    const controller = new AbortController();
    await world.call();
    expect(told).toHaveLength(2);
    await world.call({ signal: controller.signal });
    expect(told).toHaveLength(2);
    await world.time.settle(MINUTE);
    expect(await told[0]).toBeUndefined();
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('Called outside of a request.');
      },
    ],
    ['rejects', () => Promise.reject(new Error('Called outside of a request.'))],
  ])('that %s changes nothing', async (_, waitUntil) => {
    const world = await setUp({}, () => ({ waitUntil }));
    expect((await world.call()).got).toBe('t1');
  });
});

describe('a flight of long phases', () => {
  it('is not given up while it moves: each phase has its own time', async () => {
    const world = await setUp(
      {},
      ({ after }) => ({ fingerprint: () => after(29 * SECOND, 'secret') }),
      () => 29 * SECOND,
    );
    const { got, waited } = await world.call();
    expect([got, Math.round(waited / SECOND)]).toEqual(['t1', 58]);
    expect(world.timers()).toBe(0);
  });

  it('is not given up after a refusal either, when the credentials are read again and tried once more', async () => {
    const secrets = ['old', 'new', 'new'];
    const world = await setUp(
      {},
      ({ after }) => ({ fingerprint: () => after(29 * SECOND, secrets.shift() ?? '') }),
      () => 29 * SECOND,
      (index) => index === 1,
    );
    const { got, waited } = await world.call();
    expect([got, Math.round(waited / SECOND)]).toEqual(['t2', 116]);
  });

  it('is joined by those who come later', async () => {
    const world = await setUp(
      {},
      ({ after }) => ({ fingerprint: () => after(29 * SECOND, 'secret') }),
      () => 29 * SECOND,
    );
    const first = world.call();
    await world.time.settle(50 * SECOND);
    expect((await world.call()).got).toBe('t1');
    expect((await first).got).toBe('t1');
    expect(world.asked()).toBe(1);
  });
});

describe('an observer', () => {
  it('hears of each step in order, though requests ended before the name in their steps was there', async () => {
    const world = await setUp(
      { observe: true },
      () => ({}),
      () => 0,
    );
    const types = (): readonly string[] => world.events.map(({ type }) => type);
    await world.call();
    expect(types()).toEqual([]);
    await world.time.settle(2 * HOUR);
    const { end } = world.begun();
    await world.time.settle(10);
    end();
    expect(types()).toEqual(['acquired', 'refreshed']);
    expect(new Set(world.events.map(({ authority }) => authority)).size).toBe(1);
  });

  it('hears of a step before its caller gets the token, if that took longer than its name', async () => {
    const world = await setUp({ observe: true });
    await world.call();
    expect(world.events.map(({ type }) => type)).toEqual(['acquired']);
  });
});
