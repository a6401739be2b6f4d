import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { hashAtOnce } from '../test/stepping-clock.ts';
import { storageKey } from './engine/storage-key.ts';
import type { AuthErrorCode, AuthErrorFacts, AuthEvent, Clock, Managed, ManagedOptions, Store, Token, TokenContext } from './index.ts';
import { AuthError, managed, memoryStore } from './index.ts';
import type { FakeClock, ScriptedResult } from './testing/index.ts';
import { fakeClock, scriptedSource } from './testing/index.ts';

hashAtOnce();

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 0, 1);

const failure = (code: AuthErrorCode, facts: Partial<AuthErrorFacts> = {}): AuthError =>
  new AuthError(`The vendor says ${code}.`, { provider: 'acme', operation: 'token', ...facts, code });

/** A token that lives from the moment of the call. */
const issue =
  (clock: Clock, value: string, lifetime: number | null = 2 * HOUR): (() => Token) =>
  () => ({ value, issuedAt: clock.now(), expiresAt: lifetime === null ? null : clock.now() + lifetime });

/** A result that comes when told. */
const pending = (): {
  readonly result: () => Promise<Token>;
  readonly succeed: (token: Token) => void;
  readonly fail: (error: Error) => void;
} => {
  let succeed: (token: Token) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const promise = new Promise<Token>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  return { result: () => promise, succeed, fail };
};

/** One instance on a fake clock, with what it asked and reported. No jitter and no spread, unless an option says so. */
const setUp = (
  script: (clock: FakeClock) => readonly ScriptedResult[],
  options: ManagedOptions = {},
  clock = fakeClock({ now: START }),
) => {
  const source = scriptedSource(script(clock));
  const events: AuthEvent[] = [];
  const tokens = managed(source, { clock, random: () => 0, observe: (event) => events.push(event), ...options });
  return { clock, source, events, tokens };
};

const typesOf = (events: readonly AuthEvent[]): readonly string[] => events.map(({ type }) => type);

/** How many of these callers got which value, or which code. */
const tally = async (callers: readonly Promise<Token>[]): Promise<Readonly<Record<string, number>>> => {
  const counts: Record<string, number> = {};
  for (const outcome of await Promise.allSettled(callers)) {
    const name = outcome.status === 'fulfilled' ? outcome.value.value : codeOf(outcome.reason);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};
const codeOf = (error: unknown): string => (AuthError.is(error) ? error.code : `not an AuthError: ${error}`);

const times = (count: number, tokens: Managed): readonly Promise<Token>[] => Array.from({ length: count }, () => tokens.token());

/** A store without a life of its own, so that only the engine judges what is dead. */
const everlasting = (store: Store = memoryStore()): Store => ({
  read: store.read,
  write: (key, value, { ifVersion } = {}) => store.write(key, value, { ifVersion }),
});

const brokenStore: Store = {
  read: () => Promise.reject(new Error('connect ECONNREFUSED redis://:hunter2@cache')),
  write: () => Promise.reject(new Error('connect ECONNREFUSED redis://:hunter2@cache')),
};

/** Records what was written under which key. */
const recording = (store: Store): { readonly store: Store; readonly keys: Set<string>; readonly values: Map<string, string> } => {
  const keys = new Set<string>();
  const values = new Map<string, string>();
  return {
    keys,
    values,
    store: {
      read: (key) => {
        keys.add(key);
        return store.read(key);
      },
      write: (key, value, options) => {
        keys.add(key);
        if (value === undefined) values.delete(key);
        else values.set(key, value);
        return store.write(key, value, options);
      },
    },
  };
};

describe('the advisory window', () => {
  it('draws the spread once, at random, when nothing else is given', async () => {
    const clock = fakeClock({ now: START });
    const starts = new Set<number | null>();
    for (let instance = 0; instance < 20; instance += 1) {
      const tokens = managed(scriptedSource([issue(clock, 'a', 10 * HOUR)]), { clock });
      await tokens.token();
      starts.add((await tokens.status()).nextRefreshAt);
    }
    expect(starts.size).toBeGreaterThan(10);
  });
});

describe('a source that answers the same token until its end', () => {
  const same: Token = { value: 'a', issuedAt: START - 1.6 * HOUR, expiresAt: START + 0.4 * HOUR };

  it('is asked once more in the background, and not for every caller', async () => {
    const { tokens, source, clock } = setUp(() => Array.from({ length: 200 }, () => same));
    for (let caller = 0; caller < 100; caller += 1) {
      expect((await tokens.token()).value).toBe('a');
      await clock.settle(0);
    }
    expect(source.calls).toHaveLength(2);
  });

  it('is asked again after the back-off, so that its next token is found', async () => {
    const { tokens, source, clock } = setUp((clock) => [same, same, issue(clock, 'b')]);
    await tokens.token();
    await clock.settle(30 * SECOND - 1);
    await tokens.token();
    await clock.settle(0);
    expect(source.calls).toHaveLength(2);
    await clock.settle(1);
    await tokens.token();
    await clock.settle(0);
    expect(tokens.peek()?.value).toBe('b');
  });
});

describe('the mandatory window', () => {
  const inMandatoryWindow = 2 * HOUR - 30 * SECOND;

  it('is waited in without an advisory one too', async () => {
    const next = pending();
    const { tokens, source, clock } = setUp((clock) => [issue(clock, 'a'), next.result], { windows: { advisory: 0 } });
    await tokens.token();
    clock.advance(2 * HOUR - MINUTE - 1);
    expect(tokens.peek()?.value).toBe('a');
    clock.advance(31 * SECOND);
    const callers = times(50, tokens);
    await clock.settle(0);
    next.succeed(issue(clock, 'b')());
    expect(await tally(callers)).toEqual({ b: 50 });
    expect(source.calls).toHaveLength(2);
  });

  it.each<ManagedOptions['windows']>([{ advisory: Number.NaN }, { advisory: -1 }, { mandatory: Number.NaN }, { mandatory: -MINUTE }])(
    'is refused at once where it is no length of time, as any window: %o',
    (windows) => {
      expect(() => managed(scriptedSource([]), { windows })).toThrow(expect.objectContaining({ code: 'misconfigured' }));
    },
  );

  it('serves the old token when the renewal fails, and says so', async () => {
    const { tokens, events, clock } = setUp((clock) => [issue(clock, 'a'), failure('unavailable')]);
    await tokens.token();
    clock.advance(inMandatoryWindow);
    expect((await tokens.token()).value).toBe('a');
    expect(typesOf(events)).toEqual(['acquired', 'refresh_failed', 'served_stale']);
    const fact = { code: 'unavailable', at: START + inMandatoryWindow };
    expect(events.slice(1)).toMatchObject([fact, fact]);
  });
});

describe('a failure with nothing to serve', () => {
  it('becomes an AuthError without the message of the error that the source threw', async () => {
    const thrown = new TypeError('POST https://vendor.example/?secret=hunter2 failed', { cause: { body: 'hunter2' } });
    const { tokens } = setUp(() => [thrown], { provider: 'acme', operation: 'application.token' });
    const error: unknown = await tokens.token().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'unavailable', provider: 'acme', operation: 'application.token' });
    expect(inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error)).not.toContain('hunter2');
  });

  it.each([
    ['has already expired', { value: 'secret-value', issuedAt: START - HOUR, expiresAt: START }],
    ['ends in seconds instead of milliseconds', { value: 'secret-value', issuedAt: START, expiresAt: (START + HOUR) / 1000 }],
    ['has an end that is no number', { value: 'secret-value', issuedAt: START, expiresAt: Number.NaN }],
    ['has no value', { value: '', issuedAt: START, expiresAt: START + HOUR }],
  ])('is an answer that %s', async (_, token) => {
    const { tokens } = setUp(() => [token]);
    const error: unknown = await tokens.token().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'invalid_response' });
    expect(inspect(error)).not.toContain('secret-value');
    expect(tokens.peek()).toBeUndefined();
  });
});

describe('a terminal refusal', () => {
  it('says that these credentials are not sent again', async () => {
    const { tokens, clock } = setUp(() => [failure('invalid_credentials', { status: 401, vendorCode: '10023' })]);
    await tally([tokens.token()]);
    await clock.settle(HOUR);
    await expect(tokens.token()).rejects.toMatchObject({
      message: expect.stringContaining('not sent again until you change them or call reset()'),
      status: 401,
      vendorCode: '10023',
    });
  });

  it('is not seen by callers whose credentials changed while they were refused', async () => {
    let print = 'old';
    const rotated = (): Token => {
      print = 'new';
      throw failure('invalid_credentials');
    };
    const { tokens, source } = setUp((clock) => [rotated, issue(clock, 'a')], { fingerprint: async () => print });
    expect(await tally(times(50, tokens))).toEqual({ a: 50 });
    expect(source.calls).toHaveLength(2);
  });

  it('stops a source of secrets that answers another one each time', async () => {
    let asked = 0;
    const fingerprint = (): string => {
      asked += 1;
      // An endless loop would block this process.
      if (asked > 100) throw new Error('The fingerprint was asked for too often.');
      return `v${asked}`;
    };
    const { tokens, source } = setUp(() => Array.from({ length: 9 }, () => failure('invalid_credentials')), { fingerprint });
    expect(await tally([tokens.token()])).toEqual({ attempts_exhausted: 1 });
    expect(source.calls).toHaveLength(3);
  });
});

describe('a caller who stops waiting', () => {
  it('leaves no timer behind', async () => {
    const { clock, armed } = countingTimers(fakeClock({ now: START }));
    const tokens = managed(scriptedSource([pending().result]), { clock });
    const controller = new AbortController();
    const leaving = tally([tokens.token({ signal: controller.signal })]);
    await clock.settle(0);
    expect(armed()).toContain(true);
    controller.abort();
    await leaving;
    expect(armed()).toEqual([]);
  });
});

/** The clock, and whether each timer that is armed keeps the process alive. */
const countingTimers = (inner: FakeClock): { readonly clock: FakeClock; readonly armed: () => readonly boolean[] } => {
  const timers = new Map<object, boolean>();
  return {
    armed: () => [...timers.values()],
    clock: {
      ...inner,
      after: (milliseconds, run, options) => {
        const timer = {};
        timers.set(timer, options?.ref ?? false);
        const cancel = inner.after(milliseconds, () => {
          timers.delete(timer);
          run();
        });
        return () => {
          timers.delete(timer);
          cancel();
        };
      },
    },
  };
};

describe('the deadline', () => {
  it('holds for a fingerprint that never comes too, as it may ask a secret manager', async () => {
    const { tokens, source, clock } = setUp((clock) => [issue(clock, 'a')], { fingerprint: () => new Promise(() => {}) });
    const callers = tally(times(50, tokens));
    await clock.settle(30 * SECOND);
    expect(await callers).toEqual({ timeout: 50 });
    expect(source.calls).toHaveLength(0);
  });

  it('holds for a fingerprint that never comes after a refusal', async () => {
    let asked = 0;
    const fingerprint = (): string | Promise<string> => {
      asked += 1;
      return asked === 1 ? 'print' : new Promise(() => {});
    };
    const { tokens, clock } = setUp(() => [failure('invalid_credentials')], { fingerprint });
    const callers = tally(times(50, tokens));
    await clock.settle(30 * SECOND);
    expect(await callers).toEqual({ timeout: 50 });
  });

  it('keeps the process alive only while somebody waits', async () => {
    const { clock, armed } = countingTimers(fakeClock({ now: START }));
    const first = pending();
    const tokens = managed(scriptedSource([first.result, pending().result]), { clock, random: () => 0 });
    const caller = tokens.token();
    await clock.settle(0);
    expect(armed()).toContain(true);
    first.succeed(issue(clock, 'a')());
    await caller;
    await clock.settle(HOUR);
    expect(armed()).toEqual([]);
    await tokens.token();
    await clock.settle(0);
    expect(armed()).toEqual([false]);
  });
});

describe('a refusal that comes when nobody waits any more', () => {
  it.each(['the deadline has passed', 'every caller has left'])('counts as an attempt when %s', async (why) => {
    const answer = pending();
    const { tokens, source, events, clock } = setUp((clock) => [answer.result, issue(clock, 'b')], { fingerprint: () => 'print' });
    const controller = new AbortController();
    const caller = tally([tokens.token({ signal: controller.signal })]);
    await clock.settle(0);
    if (why === 'every caller has left') controller.abort();
    else await clock.settle(30 * SECOND);
    await caller;
    answer.fail(failure('invalid_credentials'));
    await clock.settle(10 * SECOND);
    expect(typesOf(events)).toContain('refused');
    expect(await tally([tokens.token()])).toEqual({ invalid_credentials: 1 });
    expect(source.calls).toHaveLength(1);
  });
});

describe('a wall clock that is set back while the vendor answers', () => {
  it('gives an answer that has already expired no second life', async () => {
    const answer = pending();
    const { tokens, clock } = setUp(() => [answer.result]);
    const caller = tally([tokens.token()]);
    await clock.settle(SECOND);
    answer.succeed({ value: 'old', issuedAt: clock.now() - 3 * HOUR, expiresAt: clock.now() - HOUR });
    clock.step(-2 * HOUR);
    expect(await caller).toEqual({ invalid_response: 1 });
  });

  it('gives a good one no longer life than it has', async () => {
    const answer = pending();
    const { tokens, clock } = setUp(() => [answer.result]);
    const caller = tokens.token();
    const issuedAt = clock.now();
    await clock.settle(20 * SECOND);
    clock.step(-2 * HOUR);
    answer.succeed({ value: 'good', issuedAt, expiresAt: issuedAt + HOUR });
    await caller;
    clock.advance(HOUR - 20 * SECOND);
    expect(tokens.peek()).toBeUndefined();
    expect((await tokens.status()).state).toBe('expired');
  });
});

describe('a shared store', () => {
  const sharing = () => ({ clock: fakeClock({ now: START }), options: { store: everlasting(), key: 'acme' } });

  it('keeps other keys apart', async () => {
    const { clock, options } = sharing();
    await setUp(() => [issue(clock, 'a')], options, clock).tokens.token();
    const other = setUp(() => [issue(clock, 'b')], { ...options, key: 'acme2' }, clock);
    expect((await other.tokens.token()).value).toBe('b');
  });

  it('keeps a token that another process stored while the old one was being removed', async () => {
    const { clock, options } = sharing();
    const { keys, store } = recording(options.store);
    let stored: string | undefined;
    const racing: Store = {
      write: store.write,
      read: async (key) => {
        const entry = await store.read(key);
        if (stored !== undefined) await store.write(key, stored);
        return entry;
      },
    };
    const { tokens } = setUp(() => [issue(clock, 'a')], { store: racing, key: 'acme' }, clock);
    const rejected = await tokens.token();
    const [key = ''] = keys;
    stored = (await store.read(key))?.value.replace('"a"', '"b"');
    await tokens.invalidate(rejected);
    expect((await tokens.token()).value).toBe('b');
  });

  it('holds neither the key nor anything secret in its keys', async () => {
    const { store, keys } = recording(memoryStore());
    const { tokens } = setUp((clock) => [issue(clock, 'token-value')], { store, key: 'acme|client-17|hunter2' });
    await tokens.token();
    for (const key of keys) expect(key).toMatch(/^aggregator-auth:1:[\w-]{43}$/);
    expect(keys).toContain(await storageKey('token', 'acme|client-17|hunter2', ''));
  });

  it('lets go of a token when it ends', async () => {
    const clock = fakeClock({ now: START });
    const { store, keys } = recording(memoryStore({ clock }));
    const { tokens } = setUp(() => [issue(clock, 'a')], { store, key: 'acme' }, clock);
    await tokens.token();
    const [key = ''] = keys;
    clock.advance(2 * HOUR - 1);
    expect(await store.read(key)).toBeDefined();
    clock.advance(1);
    expect(await store.read(key)).toBeUndefined();
  });

  it('needs a key', () => {
    expect(() => managed(scriptedSource([]), { store: memoryStore() })).toThrow(expect.objectContaining({ code: 'misconfigured' }));
  });
});

describe('a store that answers null for what it does not have', () => {
  it('is taken for an empty one', async () => {
    const clock = fakeClock({ now: START });
    const memory = memoryStore({ clock });
    const store: Store = {
      read: async (key) => (await memory.read(key)) ?? (null as unknown as undefined), // like a store that is written in JavaScript
      write: memory.write,
    };
    const options = { store, key: 'acme', fingerprint: () => 'print' };
    const one = setUp(() => [issue(clock, 'a'), issue(clock, 'b')], options, clock);
    expect(await tally(times(50, one.tokens))).toEqual({ a: 50 });
    expect(one.source.calls).toHaveLength(1);
    expect(typesOf(one.events)).toEqual(['acquired']);
    const other = setUp(() => [], options, clock);
    expect((await other.tokens.token()).value).toBe('a');
    await one.tokens.forget();
    expect((await one.tokens.token()).value).toBe('b');
  });
});

describe('a store that answers without promises', () => {
  it('is a store all the same', async () => {
    const clock = fakeClock({ now: START });
    const entries = new Map<string, { value: string; version: string }>();
    const plain = {
      read: (key: string) => entries.get(key),
      write: (key: string, value: string | undefined, { ifVersion }: { ifVersion?: string | null } = {}) => {
        if (ifVersion !== undefined && (entries.get(key)?.version ?? null) !== ifVersion) return undefined;
        const version = crypto.randomUUID();
        if (value === undefined) entries.delete(key);
        else entries.set(key, { value, version });
        return version;
      },
    } as unknown as Store; // as JavaScript may write it
    const options: ManagedOptions = { store: plain, key: 'key', whenStoreIsDown: 'refuse', fingerprint: () => 'secret' };
    const first = setUp((now) => [issue(now, 'shared')], options, clock);
    const second = setUp(() => [], options, clock);
    expect([(await first.tokens.token()).value, (await second.tokens.token()).value]).toEqual(['shared', 'shared']);
  });
});

describe('a slow store', () => {
  it('makes no token live longer', async () => {
    const clock = fakeClock({ now: START });
    const memory = memoryStore({ clock });
    const slowly = <T>(work: () => Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        clock.after(900, () => work().then(resolve, reject));
      });
    const store: Store = { read: (key) => slowly(() => memory.read(key)), write: (...entry) => slowly(() => memory.write(...entry)) };
    const { tokens } = setUp((clock) => [issue(clock, 'a', MINUTE)], { store, key: 'acme' }, clock);
    const caller = tokens.token();
    await clock.settle(30 * SECOND);
    const { expiresAt } = await caller;
    expect((await tokens.status()).expiresAt).toBe(expiresAt);
  });
});

describe('a store that is down', () => {
  it('is reported with what the store calls it', async () => {
    const full = new AuthError('The disk is full.', {
      code: 'store_unavailable',
      provider: 'acme',
      operation: 'store.write',
      vendorCode: 'FULL',
    });
    const store: Store = { read: () => Promise.reject(full), write: () => Promise.reject(full) };
    const { tokens, events } = setUp((clock) => [issue(clock, 'a')], { store, key: 'acme' });
    await tokens.token();
    expect(events[0]).toMatchObject({ type: 'served_without_store', code: 'store_unavailable', vendorCode: 'FULL' });
    await expect(tokens.adopt({ value: 'b', issuedAt: START, expiresAt: null })).rejects.toMatchObject({
      message: 'The disk is full.',
      vendorCode: 'FULL',
      operation: 'token',
    });
  });

  it('lets an adopted token be tried at once, though another operation hangs', async () => {
    const clock = fakeClock({ now: START });
    const memory = memoryStore({ clock });
    let hangs = true;
    const store: Store = { read: (key) => (hangs ? new Promise(() => {}) : memory.read(key)), write: memory.write };
    const { tokens } = setUp((clock) => [issue(clock, 'a')], { store, key: 'acme' }, clock);
    const caller = tokens.token();
    await clock.settle(1_500);
    await caller;
    hangs = false;
    await tokens.adopt(issue(clock, 'b')());
    expect((await setUp(() => [], { store: memory, key: 'acme' }, clock).tokens.token()).value).toBe('b');
  });

  it('is asked for whole milliseconds only', async () => {
    const clock = fakeClock({ now: START });
    const memory = memoryStore({ clock });
    const lives: (number | undefined)[] = [];
    const store: Store = {
      read: memory.read,
      write: (key, value, options) => {
        lives.push(options?.ttl);
        return memory.write(key, value, options);
      },
    };
    const { tokens } = setUp(() => [failure('unavailable')], { store, key: 'acme', random: () => 0.123456 }, clock);
    await tokens.token().catch(() => {});
    await tokens.adopt({ value: 'b', issuedAt: START, expiresAt: START + 1_000.5 });
    expect(lives.length).toBeGreaterThan(2);
    expect(lives.filter((life) => life !== undefined && !Number.isInteger(life))).toEqual([]);
  });

  it('is not one that is misconfigured: then nothing is sent', async () => {
    const store: Store = { ...memoryStore(), read: () => Promise.reject(failure('misconfigured')) };
    const { tokens, source } = setUp((clock) => [issue(clock, 'a')], { store, key: 'acme' });
    expect(await tally([tokens.token()])).toEqual({ misconfigured: 1 });
    expect(source.calls).toHaveLength(0);
  });

  it('shows nothing of its address or its password', async () => {
    const { tokens, events } = setUp((clock) => [issue(clock, 'a')], { store: brokenStore, key: 'acme' });
    const error: unknown = await tokens.adopt({ value: 'b', issuedAt: START, expiresAt: null }).catch((reason: unknown) => reason);
    expect(codeOf(error)).toBe('store_unavailable');
    expect(inspect([error, events], { depth: 10, showHidden: true })).not.toContain('hunter2');
  });
});

describe('adopt', () => {
  it('prevails over a call that is under way', async () => {
    const first = pending();
    const { tokens, source, clock } = setUp(() => [first.result]);
    const callers = times(5, tokens);
    await clock.settle(0);
    await tokens.adopt(issue(clock, 'adopted')());
    first.succeed(issue(clock, 'asked for')());
    expect(await tally(callers)).toEqual({ adopted: 5 });
    expect(await tally(times(5, tokens))).toEqual({ adopted: 5 });
    expect(source.calls).toHaveLength(1);
  });

  it('prevails over a renewal that is under way in the background', async () => {
    const next = pending();
    const { tokens, clock } = setUp((clock) => [issue(clock, 'a'), next.result]);
    await tokens.token();
    clock.advance(HOUR);
    await tokens.token();
    await clock.settle(0);
    await tokens.adopt(issue(clock, 'adopted')());
    next.succeed(issue(clock, 'asked for')());
    await clock.settle(0);
    expect(tokens.peek()?.value).toBe('adopted');
  });

  it.each([
    ['by the engine that asks', true],
    ['by another engine', false],
  ])('prevails over a call that is under way %s, for all engines on the store', async (_, isSame) => {
    const clock = fakeClock({ now: START });
    const options = { store: everlasting(), key: 'acme' };
    const first = pending();
    const asking = setUp(() => [first.result], options, clock);
    const other = setUp(() => [], options, clock);
    const callers = times(5, asking.tokens);
    await clock.settle(0);
    await (isSame ? asking : other).tokens.adopt(issue(clock, 'adopted')());
    first.succeed(issue(clock, 'asked for')());
    expect(await tally(callers)).toEqual({ adopted: 5 });
    const engines = [asking, other, setUp(() => [], options, clock)];
    expect(await tally(engines.flatMap(({ tokens }) => times(5, tokens)))).toEqual({ adopted: 15 });
    expect(asking.source.calls).toHaveLength(1);
  });
});

describe('a refresh token', () => {
  it('is durable once `saveRefreshToken` resolves', async () => {
    const { store, values } = recording(memoryStore());
    let kept: readonly string[] = [];
    const script = async ({ saveRefreshToken }: TokenContext): Promise<Token> => {
      await saveRefreshToken('refresh-1');
      kept = [...values.values()];
      throw failure('unavailable');
    };
    const { tokens } = setUp(() => [script], { store, key: 'acme' });
    await tally([tokens.token()]);
    expect(kept).toContainEqual(expect.stringContaining('refresh-1'));
  });

  it('that can be used once is not kept over one that was adopted meanwhile: `saveRefreshToken` rejects', async () => {
    const clock = fakeClock({ now: START });
    const store = memoryStore({ clock });
    const next = pending();
    const kept: string[] = [];
    const script = async ({ saveRefreshToken }: TokenContext): Promise<Token> => {
      const token = await next.result();
      const reject = (reason: unknown): void => void kept.push(codeOf(reason));
      await saveRefreshToken('spent').then(() => kept.push('resolved'), reject);
      return token;
    };
    const { tokens } = setUp(() => [script], { store, key: 'acme', singleUse: true }, clock);
    const caller = tally([tokens.token()]);
    await clock.settle(0);
    await tokens.adopt(issue(clock, 'adopted')(), 'adopted-refresh-token');
    next.succeed(issue(clock, 'asked for')());
    expect(await caller).toEqual({ adopted: 1 });
    expect(kept).toEqual(['unavailable']);
    const stored = await store.read(await storageKey('token', 'acme', ''));
    expect(stored?.value).toContain('adopted-refresh-token');
    expect(stored?.value).not.toContain('spent');
  });
});

describe('disposal', () => {
  it('leaves no timer behind', async () => {
    const { clock, armed } = countingTimers(fakeClock({ now: START }));
    const tokens = managed(scriptedSource([pending().result]), { clock });
    const waiting = tally([tokens.token()]);
    await clock.settle(0);
    expect(armed().length).toBeGreaterThan(0);
    await tokens[Symbol.asyncDispose]();
    await waiting;
    expect(armed()).toEqual([]);
  });

  it('does not wait for a fingerprint that never comes', async () => {
    const { tokens, source, clock } = setUp((clock) => [issue(clock, 'a')], { fingerprint: () => new Promise(() => {}) });
    const waiting = tally(times(5, tokens));
    await clock.settle(0);
    await tokens[Symbol.asyncDispose]();
    expect(await waiting).toEqual({ aborted: 5 });
    expect(source.calls).toHaveLength(0);
  });

  it('forgets the token', async () => {
    const { tokens } = setUp((clock) => [issue(clock, 'a')]);
    await tokens.token();
    await tokens[Symbol.asyncDispose]();
    expect(tokens.peek()).toBeUndefined();
  });
});

describe('observe', () => {
  it('is told each step, with the authority that status() names and a name for each token', async () => {
    const { tokens, events, clock } = setUp((clock) => [issue(clock, 'a'), issue(clock, 'b')], { provider: 'acme' });
    await tokens.token();
    clock.advance(2 * HOUR);
    await tokens.token();
    const { authority } = await tokens.status();
    expect(events).toMatchObject([
      { type: 'acquired', provider: 'acme', authority, at: START, duration: 0, expiresAt: START + 2 * HOUR },
      { type: 'refreshed', provider: 'acme', authority, at: START + 2 * HOUR, duration: 0, expiresAt: START + 4 * HOUR },
    ]);
    expect(new Set(events.map((event) => 'tokenId' in event && event.tokenId)).size).toBe(2);
  });

  it('is told how long the vendor took', async () => {
    const next = pending();
    const { tokens, events, clock } = setUp(() => [next.result]);
    const caller = tokens.token();
    await clock.settle(1_234);
    next.succeed(issue(clock, 'a')());
    await caller;
    expect(events).toMatchObject([{ type: 'acquired', duration: 1_234 }]);
  });

  it('may throw without harm', async () => {
    const observe = (): void => {
      throw new Error('the observer is broken');
    };
    const { tokens } = setUp((clock) => [issue(clock, 'a'), issue(clock, 'b')], { observe });
    await tokens.invalidate(await tokens.token());
    expect((await tokens.token()).value).toBe('b');
  });

  it('may reject without harm: nobody hears of it, not even the process', async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', listen);
    try {
      let told = 0;
      const observe = async (): Promise<void> => {
        told += 1;
        throw new Error('the observer is broken');
      };
      const { tokens, clock } = setUp((clock) => [issue(clock, 'a'), issue(clock, 'b')], { observe });
      await tokens.invalidate(await tokens.token());
      expect((await tokens.token()).value).toBe('b');
      await clock.settle(0);
      expect(told).toBe(3);
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', listen);
    }
  });

  it('never hears a token, a refresh token or a key', async () => {
    const { tokens, events, clock } = setUp(
      (clock) => [
        async ({ saveRefreshToken }) => {
          await saveRefreshToken('secret-refresh-token');
          return issue(clock, 'secret-a')();
        },
        issue(clock, 'secret-b'),
        failure('invalid_credentials'),
      ],
      { store: memoryStore(), key: 'secret-key', fingerprint: () => 'secret-print' },
    );
    await tokens.invalidate(await tokens.token());
    await tokens.token();
    clock.advance(2 * HOUR);
    await tally([tokens.token()]);
    await tokens.adopt(issue(clock, 'secret-c')());
    await tokens.forget();
    expect(typesOf(events)).toEqual(['acquired', 'invalidated', 'refreshed', 'refused', 'refresh_failed', 'adopted', 'forgotten']);
    expect(inspect([events, await tokens.status()], { depth: 10, showHidden: true })).not.toContain('secret-');
  });
});

describe('status', () => {
  it('is empty before the first token', async () => {
    const { tokens, source } = setUp(() => [], { provider: 'acme' });
    expect(await tokens.status()).toEqual({
      provider: 'acme',
      authority: expect.stringMatching(/^[\w-]{43}$/),
      state: 'empty',
      expiresAt: null,
      nextRefreshAt: null,
      lastSuccessAt: null,
      lastError: null,
      attemptsLeft: null,
      holdsLease: false,
    });
    expect(source.calls).toHaveLength(0);
  });

  it.each([
    ['fresh', 0],
    ['fresh', HOUR - 1],
    ['advisory', HOUR],
    ['mandatory', 2 * HOUR - MINUTE],
    ['expired', 2 * HOUR],
  ] as const)('is %s at an age of %d ms, and sends nothing to find out', async (state, age) => {
    const { tokens, source, clock } = setUp((clock) => [issue(clock, 'a')], { fingerprint: () => 'print' });
    await tokens.token();
    clock.advance(age);
    expect(await tokens.status()).toMatchObject({
      state,
      expiresAt: START + 2 * HOUR,
      nextRefreshAt: START + HOUR,
      lastSuccessAt: START,
      lastError: null,
      attemptsLeft: 3,
    });
    await clock.settle(0);
    expect(source.calls).toHaveLength(1);
  });
});
