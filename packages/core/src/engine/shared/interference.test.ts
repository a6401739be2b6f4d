import { describe, expect, it } from 'vitest';
import { hashAtOnce, steppingClock } from '../../../test/stepping-clock.ts';
import type { Clock, Managed, ManagedOptions, Store, Token, TokenSource } from '../../index.ts';
import { AuthError, managed, memoryStore } from '../../index.ts';

// What processes do to one another through the store: they stand still, are cut off, adopt tokens, lose answers. All through `managed`; what a
// claim, a turn or a journal does by itself is said in their own tests.

hashAtOnce();

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

const fail = (code: AuthError['code']): AuthError =>
  new AuthError(`The vendor says ${code}.`, { code, provider: 'acme', operation: 'token' });

/** A vendor with single-use refresh tokens, which ends the whole family if it sees one for the second time. */
const rotatingVendor = (clock: Clock) => {
  let live = 'r0';
  let issued = 0;
  const seen: string[] = [];
  return {
    seen,
    isRevoked: () => new Set(seen).size < seen.length,
    live: () => live,
    adopted: (refreshToken: string): void => {
      live = refreshToken;
    },
    /** Spends the refresh token, and gives the next one. */
    exchange: (refreshToken: string | null): { readonly token: Token; readonly refreshToken: string } => {
      seen.push(refreshToken ?? 'none');
      if (refreshToken !== live) throw fail('reconnect_required');
      issued += 1;
      live = `r${issued}`;
      return { token: { value: `t${issued}`, issuedAt: clock.now(), expiresAt: clock.now() + 2 * HOUR }, refreshToken: live };
    },
  };
};

/** A process that can stand still: its timers, and the answers of its store, come when it goes on. */
const processOf = (clock: Clock, store: Store) => {
  let isStopped = false;
  let waiting: (() => void)[] = [];
  const whenRunning = (run: () => void): void => {
    if (isStopped) waiting.push(run);
    else run();
  };
  const running = <T>(promise: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) =>
      promise.then(
        (value) => whenRunning(() => resolve(value)),
        (error: unknown) => whenRunning(() => reject(error)),
      ),
    );
  return {
    clock: { ...clock, after: (delay, run, options) => clock.after(delay, () => whenRunning(run), options) } satisfies Clock,
    store: {
      read: (key) => running(store.read(key)),
      write: (key, value, options) => running(store.write(key, value, options)),
    } satisfies Store,
    running,
    stop: (): void => {
      isStopped = true;
    },
    resume: (): void => {
      isStopped = false;
      const runs = waiting;
      waiting = [];
      for (const run of runs) run();
    },
  };
};

const setUp = () => {
  const clock = steppingClock(Date.UTC(2026, 0, 1));
  const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => void clock.after(milliseconds, resolve));
  const store = memoryStore({ clock });
  const start = (source: TokenSource['token'], options: ManagedOptions = {}): Managed =>
    managed({ token: source }, { clock, store, key: 'k', random: () => 0.5, ...options });
  return { clock, pause, store, start, vendor: rotatingVendor(clock) };
};

const codeOf = (promise: Promise<Token>): Promise<string> =>
  promise.then(
    ({ value }) => value,
    (error: unknown) => (AuthError.is(error) ? error.code : String(error)),
  );

/** The code of a rejection, when time goes on. */
const rejected = async (clock: ReturnType<typeof steppingClock>, promise: Promise<unknown>): Promise<string> => {
  const outcome = promise.then(
    () => 'resolved',
    (error: unknown) => (AuthError.is(error) ? error.code : String(error)),
  );
  await clock.settle(10 * SECOND);
  return outcome;
};

const adoptedToken = (clock: Clock, value: string): Token => ({ value, issuedAt: clock.now(), expiresAt: clock.now() + 2 * HOUR });

describe('a process that stands still for 4 s while it renews', () => {
  it('leads to no second use of its single-use refresh token, and does not lose the next one', async () => {
    const { clock, pause, store, start, vendor } = setUp();
    const a = processOf(clock, store);
    const source =
      (running: <T>(promise: Promise<T>) => Promise<T>): TokenSource['token'] =>
      async ({ refreshToken, saveRefreshToken }) => {
        await pause(100);
        const { token, refreshToken: next } = vendor.exchange(refreshToken);
        await running(Promise.resolve());
        await saveRefreshToken(next);
        return token;
      };
    const one = start(source(a.running), { clock: a.clock, store: a.store, singleUse: true });
    const two = start(
      source((promise) => promise),
      { singleUse: true },
    );
    const t0 = adoptedToken(clock, 't0');
    await one.adopt(t0, 'r0');
    await one.invalidate(t0);
    const first = codeOf(one.token());
    await clock.settle(50);
    a.stop();
    const second = codeOf(two.token());
    await clock.settle(4 * SECOND);
    a.resume();
    await clock.settle(10 * SECOND);
    expect([await first, await second]).toEqual(['t1', 'outcome_unknown']);
    const third = codeOf(two.token());
    await clock.settle(10 * SECOND);
    expect([await third, vendor.seen]).toEqual(['t1', ['r0']]);
  });
});

describe('a token that another process adopts during a renewal', () => {
  for (const singleUse of [true, false])
    it(`stays, also if a heartbeat and the next refresh token are written after it (single-use: ${singleUse})`, async () => {
      const { clock, pause, start } = setUp();
      const one = start(
        async ({ refreshToken, saveRefreshToken }) => {
          await pause(1_500);
          await saveRefreshToken(`after ${refreshToken}`);
          return adoptedToken(clock, `by ${refreshToken}`);
        },
        { singleUse },
      );
      const sent: (string | null)[] = [];
      const two = start(
        async ({ refreshToken }) => {
          sent.push(refreshToken);
          return adoptedToken(clock, 'last');
        },
        { singleUse },
      );
      const t0 = adoptedToken(clock, 't0');
      await one.adopt(t0, 'r0');
      await one.invalidate(t0);
      const first = codeOf(one.token());
      await clock.settle(500);
      const reconnected = adoptedToken(clock, 't9');
      await two.adopt(reconnected, 'r9');
      await clock.settle(5 * SECOND);
      await first;
      await two.invalidate(reconnected);
      const last = two.token();
      await clock.settle(5 * SECOND);
      await last;
      expect(sent).toEqual(['r9']);
    });
});

describe('a refresh token that the source saves after its deadline', () => {
  for (const singleUse of [true, false])
    it(`is not lost while the store is up (single-use: ${singleUse})`, async () => {
      const { clock, pause, start, vendor } = setUp();
      const saved: string[] = [];
      const source: TokenSource['token'] = async ({ refreshToken, saveRefreshToken }) => {
        await pause(vendor.seen.length === 0 ? 31 * SECOND : 100);
        const { token, refreshToken: next } = vendor.exchange(refreshToken);
        await saveRefreshToken(next).then(
          () => saved.push(next),
          () => {},
        );
        return token;
      };
      const one = start(source, { singleUse });
      const t0 = adoptedToken(clock, 't0');
      await one.adopt(t0, 'r0');
      await one.invalidate(t0);
      const first = codeOf(one.token());
      await clock.settle(40 * SECOND);
      expect(await first).toBe('timeout');
      expect(saved).toEqual(['r1']);
      const second = codeOf(one.token());
      await clock.settle(40 * SECOND);
      expect(await second).toBe('t2');
    });
});

describe('a process that is cut off from the store for 4 s while it takes the lease', () => {
  it('does not leave a refresh token that was never sent in doubt', async () => {
    const { clock, pause, store, start, vendor } = setUp();
    let isCut = false;
    let wasCut = false;
    const a: Store = {
      read: (key) => (isCut ? Promise.reject(new Error('cut')) : store.read(key)),
      write: async (key, value, options) => {
        if (isCut) throw new Error('cut');
        const version = await store.write(key, value, options);
        if (!wasCut && value?.includes('null,"r0","')) {
          wasCut = true;
          isCut = true;
          clock.after(4 * SECOND, () => {
            isCut = false;
          });
          throw new Error('cut');
        }
        return version;
      },
    };
    const source: TokenSource['token'] = async ({ refreshToken, saveRefreshToken }) => {
      await pause(100);
      const { token, refreshToken: next } = vendor.exchange(refreshToken);
      await saveRefreshToken(next);
      return token;
    };
    const one = start(source, { store: a, singleUse: true });
    const two = start(source, { singleUse: true });
    const t0 = adoptedToken(clock, 't0');
    await two.adopt(t0, 'r0');
    await two.invalidate(t0);
    const first = codeOf(one.token());
    await clock.settle(20);
    const second = codeOf(two.token());
    await clock.settle(20 * SECOND);
    await second;
    expect(await first).toBe('t1');
  });
});

describe('a refresh token that is being adopted', () => {
  it('is not sent before the store has it as one that was not sent', async () => {
    const { clock, pause, store, start, vendor } = setUp();
    const slow: Store = {
      read: async (key) => {
        const found = await store.read(key);
        await pause(20);
        return found;
      },
      write: async (key, value, options) => {
        await pause(100);
        return store.write(key, value, options);
      },
    };
    const one = start(
      async ({ refreshToken, saveRefreshToken }) => {
        await pause(300);
        const { token, refreshToken: next } = vendor.exchange(refreshToken);
        await saveRefreshToken(next);
        return token;
      },
      { store: slow, singleUse: true },
    );
    const first = adoptedToken(clock, 'first');
    await Promise.all([one.adopt(first, 'old'), clock.settle(SECOND)]);
    await Promise.all([one.invalidate(first), clock.settle(SECOND)]);
    const renewing = codeOf(one.token());
    await clock.settle(10);
    // The user reconnects, and the new token is refused at once.
    const t0 = adoptedToken(clock, 't0');
    const adopting = one.adopt(t0, 'r0');
    await clock.settle(10 * SECOND);
    await Promise.all([renewing, adopting]);
    await Promise.all([one.invalidate(t0), clock.settle(SECOND)]);
    const second = codeOf(one.token());
    await clock.settle(5 * SECOND);
    await second;
    const sent = vendor.seen.filter((refreshToken) => refreshToken !== 'old');
    expect(sent).toEqual([...new Set(sent)]);
  });
});

describe('a store that carries out what it does not answer', () => {
  it('has the token in the end, also if a heartbeat was among the lost answers', async () => {
    const { clock, pause, store, start } = setUp();
    let isLosing = false;
    const losing: Store = {
      read: store.read,
      write: async (key, value, options) => {
        const version = await store.write(key, value, options);
        if (isLosing) throw new Error('lost');
        return version;
      },
    };
    const one = start(
      async ({ saveRefreshToken }) => {
        isLosing = true;
        await saveRefreshToken('r1');
        await pause(1_050);
        isLosing = false;
        return adoptedToken(clock, 't1');
      },
      { store: losing },
    );
    const two = start(async () => {
      throw fail('unavailable');
    });
    const first = codeOf(one.token());
    await clock.settle(5 * SECOND);
    const second = codeOf(two.token());
    await clock.settle(5 * SECOND);
    expect([await first, await second]).toEqual(['t1', 't1']);
  });
});

describe('a hundred callers whose token is refused at once', () => {
  it('do not pause for the removal of that token, as if another process had the lease', async () => {
    const { clock, pause, store, start } = setUp();
    const slow: Store = {
      read: async (key) => {
        await pause(2);
        return store.read(key);
      },
      write: async (key, value, options) => {
        await pause(2);
        return store.write(key, value, options);
      },
    };
    const types: string[] = [];
    let count = 0;
    const one = start(
      async () => {
        await pause(30);
        count += 1;
        return adoptedToken(clock, `t${count}`);
      },
      { store: slow, observe: ({ type }) => types.push(type) },
    );
    const cold = one.token();
    await clock.settle(SECOND);
    const refused = await cold;
    const since = clock.monotonic();
    const callers = Array.from({ length: 100 }, async () => {
      await one.invalidate(refused);
      const { value } = await one.token();
      return [value, clock.monotonic() - since < 60];
    });
    await clock.settle(SECOND);
    expect(await Promise.all(callers)).toEqual(Array.from({ length: 100 }, () => ['t2', true]));
    expect(types).not.toContain('lease_waited');
  });
});

describe('an adoption whose answer was lost', () => {
  /** A store that carries out one adoption and loses the answer, or does not carry it out, as one process sees it. */
  const losing = (store: Store, isCarriedOut: boolean): Store => {
    let hasLost = false;
    return {
      read: store.read,
      write: async (key, value, options) => {
        if (hasLost || !value?.includes('"r0"')) return store.write(key, value, options);
        hasLost = true;
        if (isCarriedOut) await store.write(key, value, options);
        throw new Error('lost');
      },
    };
  };
  const source =
    (vendor: ReturnType<typeof rotatingVendor>): TokenSource['token'] =>
    async ({ refreshToken, saveRefreshToken }) => {
      const { token, refreshToken: next } = vendor.exchange(refreshToken);
      await saveRefreshToken(next);
      return token;
    };
  const renewed = async (clock: ReturnType<typeof setUp>['clock'], tokens: Managed, refused: Token): Promise<string> => {
    await Promise.all([tokens.invalidate(refused), clock.settle(SECOND)]);
    const outcome = codeOf(tokens.token());
    await clock.settle(10 * SECOND);
    return outcome;
  };

  it.each([true, false])('gives way to what another process has made of it (single-use: %s)', async (singleUse) => {
    const { clock, store, start, vendor } = setUp();
    const one = start(source(vendor), { store: losing(store, true), singleUse });
    const two = start(source(vendor), { singleUse });
    const t0 = adoptedToken(clock, 't0');
    expect(await rejected(clock, one.adopt(t0, 'r0'))).toBe('store_unavailable');
    expect([await renewed(clock, two, t0), await renewed(clock, one, t0)]).toEqual(['t1', 't1']);
    expect(await renewed(clock, one, { ...t0, value: 't1' })).toBe('t2');
    expect(vendor.seen).toEqual(['r0', 'r1']);
  });

  it.each([true, false])('counts, if the store has not carried it out and nobody has adopted since (single-use: %s)', async (singleUse) => {
    const { clock, store, start, vendor } = setUp();
    const one = start(source(vendor), { store: losing(store, false), singleUse });
    const two = start(source(vendor), { singleUse });
    await Promise.all([two.adopt(adoptedToken(clock, 'older'), 'older'), clock.settle(SECOND)]);
    const t0 = adoptedToken(clock, 't0');
    expect(await rejected(clock, one.adopt(t0, 'r0'))).toBe('store_unavailable');
    expect(await renewed(clock, one, t0)).toBe('older');
    expect(await renewed(clock, one, { ...t0, value: 'older' })).toBe('t1');
    expect(vendor.seen).toEqual(['r0']);
  });

  it('gives way to a later adoption of another process', async () => {
    const { clock, store, start, vendor } = setUp();
    const one = start(source(vendor), { store: losing(store, false), singleUse: true });
    const sent: (string | null)[] = [];
    const two = start(
      async ({ refreshToken }) => {
        sent.push(refreshToken);
        return adoptedToken(clock, 'last');
      },
      { singleUse: true },
    );
    const t0 = adoptedToken(clock, 't0');
    expect(await rejected(clock, one.adopt(t0, 'r0'))).toBe('store_unavailable');
    await clock.settle(SECOND);
    const t9 = adoptedToken(clock, 't9');
    await Promise.all([two.adopt(t9, 'r9'), clock.settle(SECOND)]);
    expect(await renewed(clock, one, t0)).toBe('t9');
    await renewed(clock, two, t9);
    expect([sent, vendor.seen]).toEqual([['r9'], []]);
  });
});
