import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../../../test/rejection-of.ts';
import { hashAtOnce, loaded } from '../../../test/stepping-clock.ts';
import type { ManagedOptions, Store, StoreEntry } from '../../index.ts';
import { AuthError, managed, memoryStore } from '../../index.ts';
import { fakeClock } from '../../testing/index.ts';

hashAtOnce();

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

const setUp = (store: Store, options: ManagedOptions = {}) => {
  const clock = fakeClock({ now: START });
  let asked = 0;
  const source = {
    token: async () => {
      asked += 1;
      return { value: `secret-token-${asked}`, issuedAt: clock.now(), expiresAt: clock.now() + HOUR };
    },
  };
  const tokens = managed(source, { clock, random: () => 0, store, key: 'acme', ...options });
  return { clock, tokens, asked: () => asked };
};

/** A first draft of a store: entries in a map, and one thing done as somebody would who has not read the contract to its end. */
type Draft = (map: Map<string, StoreEntry>, right: Store) => { readonly read?: unknown; readonly write?: unknown };

const storeOf = (draft: Draft): Store => {
  const map = new Map<string, StoreEntry>();
  const right: Store = {
    read: async (key) => map.get(key),
    write: async (key, value, { ifVersion } = {}) => {
      if (ifVersion !== undefined && (map.get(key)?.version ?? null) !== ifVersion) return undefined;
      const version = crypto.randomUUID();
      if (value === undefined) map.delete(key);
      else map.set(key, { value, version });
      return version;
    },
  };
  return { ...right, ...draft(map, right) } as Store; // what no compiler would let pass
};

const DRAFTS: Readonly<Record<string, Draft>> = {
  '`write` that answers nothing': (map) => ({
    write: async (key: string, value: string) => {
      map.set(key, { value, version: crypto.randomUUID() });
    },
  }),
  '`write` that answers null': (map) => ({
    write: async (key: string, value: string) => {
      map.set(key, { value, version: crypto.randomUUID() });
      return null;
    },
  }),
  '`write` that writes nothing': () => ({ write: async () => undefined }),
  '`write` that takes no condition for met': (_, { write }) => ({
    write: async (key: string, value: string, { ifVersion }: { ifVersion?: string | null }) =>
      ifVersion === undefined ? write(key, value) : undefined,
  }),
  '`write` that answers true': (_, { write }) => ({
    write: async (...call: Parameters<Store['write']>) => (await write(...call)) !== undefined,
  }),
  '`write` that answers a number': () => ({ write: async () => 1 }),
  '`write` that answers the entry': (map, { write }) => ({
    write: async (...call: Parameters<Store['write']>) => (await write(...call)) && map.get(call[0]),
  }),
  '`read` that answers false for nothing': (_, { read }) => ({ read: async (key: string) => (await read(key)) ?? false }),
  '`read` that answers an empty text for nothing': (_, { read }) => ({ read: async (key: string) => (await read(key)) ?? '' }),
  '`read` that answers an array for nothing': (_, { read }) => ({ read: async (key: string) => (await read(key)) ?? [] }),
  '`read` that answers an object for nothing': (_, { read }) => ({ read: async (key: string) => (await read(key)) ?? {} }),
  '`read` that answers the value alone': () => ({ read: async () => 'secret-token' }),
  '`read` that answers no version': () => ({ read: async () => ({ value: 'secret-token' }) }),
  '`read` that answers a number for the version': () => ({ read: async () => ({ value: 'secret-token', version: 7 }) }),
  '`read` that answers the value parsed': () => ({ read: async () => ({ value: ['secret-token'], version: '1' }) }),
  '`read` that answers bytes': () => ({ read: async () => ({ value: new TextEncoder().encode('secret-token'), version: '1' }) }),
};

describe('a first draft of a store, with a', () => {
  it.each(Object.keys(DRAFTS))('%s, is named within a second, and nothing is sent', async (name) => {
    for (const options of [{}, { fingerprint: () => 'print' }, { singleUse: true }]) {
      const { tokens, clock, asked } = setUp(storeOf(DRAFTS[name] ?? (() => ({}))), options);
      await loaded();
      const caller = rejectionOf(tokens.token());
      await clock.settle(1_000);
      const error = await Promise.race([caller, 'it still waits']);
      expect(error).toMatchObject({ code: 'misconfigured', provider: 'custom', operation: 'token', retryable: false });
      expect(String(error)).toMatch(/`(read|write)`/);
      expect(inspect(error)).not.toContain('secret');
      expect(asked()).toBe(0);
    }
  });

  it.each(Object.keys(DRAFTS))('%s, is named to whoever adopts a token, or to the next renewal', async (name) => {
    const { tokens, clock, asked } = setUp(storeOf(DRAFTS[name] ?? (() => ({}))));
    const work = async (): Promise<unknown> => {
      await tokens.adopt({ value: 'secret-token', issuedAt: clock.now(), expiresAt: clock.now() + 1 });
      clock.advance(1);
      return tokens.token();
    };
    const caller = rejectionOf(work());
    await clock.settle(1_000);
    expect(await Promise.race([caller, 'it still waits'])).toMatchObject({ code: 'misconfigured' });
    expect(asked()).toBe(0);
  });

  it('`write` that answers nothing, is named to whoever forgets a token, and to whoever invalidates one', async () => {
    const memory = memoryStore();
    const { tokens, clock } = setUp({ read: memory.read, write: async () => undefined });
    const right = setUp(memory);
    const token = await right.tokens.token();
    for (const verb of ['forget', 'invalidate'] as const) {
      const caller = rejectionOf(tokens[verb](token));
      await clock.settle(1_000);
      expect(await Promise.race([caller, 'it still waits'])).toMatchObject({ code: 'misconfigured' });
    }
  });
});

describe('a store that is odd, and a store all the same,', () => {
  it('answers more than it has to', async () => {
    const store = storeOf((_, { read }) => ({ read: async (key: string) => ({ ...(await read(key)), at: 1 }) }));
    const more: Store = { ...store, read: async (key) => ((await store.read(key))?.value === undefined ? undefined : store.read(key)) };
    const { tokens } = setUp(more);
    expect((await tokens.token()).value).toBe('secret-token-1');
    expect((await setUp(more).tokens.token()).value).toBe('secret-token-1');
  });

  it.each([1, 2])('loses the answers of %d writes in a row', async (losses) => {
    const memory = memoryStore();
    let left = losses;
    const store: Store = {
      read: memory.read,
      write: async (...call) => {
        const version = await memory.write(...call);
        left -= 1;
        return left >= 0 ? undefined : version;
      },
    };
    const { tokens, asked } = setUp(store);
    expect((await tokens.token()).value).toBe('secret-token-1');
    expect(asked()).toBe(1);
    expect((await setUp(memory).tokens.token()).value).toBe('secret-token-1');
  });

  it('loses two races in a row to somebody whose entry is gone when it looks', async () => {
    const memory = memoryStore();
    let left = 2;
    const store: Store = {
      read: memory.read,
      write: async (...call) => {
        left -= 1;
        return left >= 0 ? undefined : memory.write(...call);
      },
    };
    const { tokens } = setUp(store);
    expect((await tokens.token()).value).toBe('secret-token-1');
  });

  it('turns out not to be one when the vendor has answered: the token is returned, and the next call is told', async () => {
    const memory = memoryStore();
    let isBroken = false;
    const store: Store = { read: memory.read, write: async (...call) => (isBroken ? (1 as unknown as string) : memory.write(...call)) };
    const events: string[] = [];
    const clock = fakeClock({ now: START });
    const tokens = managed(
      {
        token: async () => {
          isBroken = true;
          return { value: 'a', issuedAt: clock.now(), expiresAt: clock.now() + HOUR };
        },
      },
      { clock, store, key: 'acme', observe: ({ type }) => events.push(type) },
    );
    expect((await tokens.token()).value).toBe('a');
    expect(events).toEqual(['served_without_store', 'acquired']);
    clock.advance(HOUR);
    expect(await rejectionOf(tokens.token())).toMatchObject({ code: 'misconfigured' });
  });

  it('turns out not to be one when a single-use refresh token is to be saved: the spent one is never sent again', async () => {
    const memory = memoryStore();
    let isBroken = false;
    const store: Store = { read: memory.read, write: async (...call) => (isBroken ? (1 as unknown as string) : memory.write(...call)) };
    const clock = fakeClock({ now: START });
    const sent: (string | null)[] = [];
    const engine = () =>
      managed(
        {
          token: async ({ refreshToken, saveRefreshToken }) => {
            sent.push(refreshToken);
            isBroken = true;
            await saveRefreshToken('r2');
            return { value: 'b', issuedAt: clock.now(), expiresAt: clock.now() + HOUR };
          },
        },
        { clock, store, key: 'acme', singleUse: true, random: () => 0 },
      );
    const tokens = engine();
    await tokens.adopt({ value: 'a', issuedAt: START, expiresAt: START + 1 }, 'r1');
    clock.advance(1);
    expect(await rejectionOf(tokens.token())).toMatchObject({ code: 'misconfigured' });
    isBroken = false;
    clock.advance(10_000);
    const [again, other] = [rejectionOf(tokens.token()), rejectionOf(engine().token())];
    await clock.settle(60_000);
    await Promise.all([again, other]);
    expect(sent.slice(1)).not.toContain('r1');
  });
});

describe('a store that is down', () => {
  it('is not taken for one that answers wrongly', async () => {
    const { tokens } = setUp({ read: () => Promise.reject(new Error('down')), write: () => Promise.reject(new Error('down')) });
    expect((await tokens.token()).value).toBe('secret-token-1');
    const error = await rejectionOf(tokens.forget());
    expect(AuthError.is(error, 'store_unavailable')).toBe(true);
  });
});
