import { describe, expect, it } from 'vitest';
import { hashAtOnce } from '../../../test/stepping-clock.ts';
import type { AuthEvent, Clock, ManagedOptions, Store, Token } from '../../index.ts';
import { managed, memoryStore } from '../../index.ts';
import { type ManagedMany, managedMany } from '../../kit/managed-many.ts';
import { type FakeClock, fakeClock } from '../../testing/index.ts';
import { storageKey } from '../storage-key.ts';

hashAtOnce();

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

/** A provider's users in one process, all of whose facts are public. */
const processOf = (store: Store | undefined, options: ManagedOptions & { readonly clock?: Clock } = {}) => {
  const clock = options.clock ?? fakeClock({ now: START });
  const events: AuthEvent[] = [];
  const token = async (): Promise<Token> => ({ value: 'a', issuedAt: clock.now(), expiresAt: clock.now() + HOUR });
  const many = managedMany(() => ({ token }), {
    store,
    key: 'acme',
    account: 'acme',
    observe: (event) => events.push(event),
    ...options,
    clock,
  });
  return { many, events };
};

/** The name that status shows of a user. */
const nameIn = async (many: ManagedMany, id: string): Promise<string> => (await many.of(id).status()).authority;

/** A memory store that can be told to go away, and counts what is asked. */
const watched = (clock: FakeClock) => {
  const memory = memoryStore({ clock });
  const state = { isDown: false, reads: 0, writes: 0, names: '' };
  const asked = <T>(kind: 'reads' | 'writes', key: string, work: () => Promise<T>): Promise<T> => {
    if (key === state.names) state[kind] += 1;
    return state.isDown ? Promise.reject(new Error('down')) : work();
  };
  const store: Store = {
    read: (key) => asked('reads', key, () => memory.read(key)),
    write: (key, ...rest) => asked('writes', key, () => memory.write(key, ...rest)),
  };
  return { memory, store, state };
};

const namesKey = (tenant: readonly string[] = []): Promise<string> => storageKey('names', 'acme', ...tenant);

describe('the name of an authority', () => {
  it('is the same in events and status, in every process of the store, and after a restart', async () => {
    const store = memoryStore();
    const [first, second] = [processOf(store), processOf(store)];
    await first.many.of('17').token();
    const name = first.events[0]?.authority ?? '';
    expect(name).toMatch(/^[\w-]{43}$/);
    expect(await nameIn(first.many, '17')).toBe(name);
    await second.many.of('17').token();
    expect(second.events.map(({ authority }) => authority)).toEqual([name]);
    expect(await nameIn(processOf(store).many, '17')).toBe(name);
    expect(await nameIn(processOf(store, { observe: undefined }).many, '17')).toBe(name);
  });

  it('is the same in processes that need it for the first time at one moment', async () => {
    const store = memoryStore();
    const processes = Array.from({ length: 8 }, () => processOf(store));
    expect(new Set(await Promise.all(processes.map(({ many }) => nameIn(many, '17')))).size).toBe(1);
  });

  it('is another one for each user, client and tenant', async () => {
    const store = memoryStore();
    const names = await Promise.all([
      nameIn(processOf(store).many, '17'),
      nameIn(processOf(store).many, '18'),
      nameIn(processOf(store).many, ''),
      nameIn(processOf(store, { key: 'other', account: 'other' }).many, '17'),
      nameIn(processOf(store, { key: 'other' }).many, '17'),
      nameIn(processOf(store, { tenant: 'one' }).many, '17'),
      nameIn(processOf(store, { tenant: 'other' }).many, '17'),
    ]);
    expect(new Set(names).size).toBe(7);
  });

  it('is found by nobody who knows all but the store, and tries all numbers', async () => {
    const name = await nameIn(processOf(memoryStore()).many, '17');
    const guesses = await Promise.all(
      Array.from({ length: 30 }, async (_, id) => [
        await storageKey('token', 'acme', String(id)),
        await nameIn(processOf(memoryStore()).many, String(id)),
      ]),
    );
    for (const guess of guesses.flat()) expect(guess).not.toContain(name);
  });

  it('is not the key of an entry, and its salt is in no event and no status', async () => {
    const clock = fakeClock({ now: START });
    const { memory, store } = watched(clock);
    const { many, events } = processOf(store, { clock });
    await many.of('17').token();
    const [, [salt]] = JSON.parse((await memory.read(await namesKey()))?.value ?? '') as [number, [string]];
    expect(salt).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify([events, await many.of('17').status()])).not.toContain(salt);
    expect(await memory.read(await nameIn(many, '17'))).toBeUndefined();
  });

  it('is this engine’s own without a store, and joins its events to its status', async () => {
    const [one, other] = [processOf(undefined), processOf(undefined)];
    await one.many.of('17').token();
    const name = await nameIn(one.many, '17');
    expect(one.events.map(({ authority }) => authority)).toEqual([name]);
    expect(name).toMatch(/^[\w-]{43}$/);
    expect(await nameIn(other.many, '17')).not.toBe(name);
    expect(name).not.toContain((await storageKey('token', 'acme', '17')).slice(-43));
  });
});

describe('while the store is down', () => {
  it('a process goes by names of its own, which join its events to its status', async () => {
    const clock = fakeClock({ now: START });
    const { store, state } = watched(clock);
    state.isDown = true;
    const [one, other] = [processOf(store, { clock }), processOf(store, { clock })];
    await one.many.of('17').token();
    const name = await nameIn(one.many, '17');
    expect(one.events.length).toBeGreaterThan(1);
    expect(new Set(one.events.map(({ authority }) => authority))).toEqual(new Set([name]));
    expect(await nameIn(other.many, '17')).not.toBe(name);
  });

  it('the store is not asked for the salt more than once in 30 s; when it is back, all have its names', async () => {
    const clock = fakeClock({ now: START });
    const { store, state } = watched(clock);
    const before = await nameIn(processOf(store, { clock }).many, '17');
    state.names = await namesKey();
    state.isDown = true;
    const { many } = processOf(store, { clock });
    const own = await nameIn(many, '17');
    expect(own).not.toBe(before);
    for (let look = 0; look < 10; look += 1) expect(await nameIn(many, '17')).toBe(own);
    expect(state.reads).toBe(1);
    state.isDown = false;
    clock.advance(29_999);
    expect(await nameIn(many, '17')).toBe(own);
    clock.advance(1);
    expect(await nameIn(many, '17')).toBe(before);
  });

  it('a process that was the first keeps its names when the store is back', async () => {
    const clock = fakeClock({ now: START });
    const { store, state } = watched(clock);
    state.isDown = true;
    const { many } = processOf(store, { clock });
    const own = await nameIn(many, '17');
    state.isDown = false;
    clock.advance(30_000);
    expect(await nameIn(many, '17')).toBe(own);
    expect(await nameIn(processOf(store, { clock }).many, '17')).toBe(own);
  });

  it('a process that knows the salt goes on by it', async () => {
    const clock = fakeClock({ now: START });
    const { store, state } = watched(clock);
    const { many, events } = processOf(store, { clock });
    const name = await nameIn(many, '17');
    state.isDown = true;
    clock.advance(10 * HOUR);
    await many.of('17').token();
    expect(new Set(events.map(({ authority }) => authority))).toEqual(new Set([name]));
  });

  it('a salt of another edition is left alone, and each process has names of its own', async () => {
    const clock = fakeClock({ now: START });
    const { store } = watched(clock);
    await store.write(await namesKey(), '[3,["salt"],null]');
    const { many } = processOf(store, { clock });
    expect(await nameIn(many, '17')).toBe(await nameIn(many, '17'));
    expect((await store.read(await namesKey()))?.value).toBe('[3,["salt"],null]');
  });

  it('a look that never ends, because its request of a worker is over, is not waited for again', async () => {
    const memory = memoryStore();
    const clock = fakeClock({ now: START });
    let isStuck = true;
    const key = await namesKey();
    const read: Store['read'] = (asked) => (isStuck && asked === key ? new Promise(() => {}) : memory.read(asked));
    // Timers of a request that is over do not fire.
    const { many } = processOf({ ...memory, read }, { clock: { ...clock, after: () => () => {} } });
    void nameIn(many, '17');
    await clock.settle(0);
    isStuck = false;
    clock.advance(5_000);
    expect(await nameIn(many, '17')).toMatch(/^[\w-]{43}$/);
  });
});

describe('the salt', () => {
  const counted = async (options: ManagedOptions) => {
    const clock = fakeClock({ now: START });
    const { store, state } = watched(clock);
    state.names = await namesKey();
    const source = { token: async () => ({ value: 'a', issuedAt: clock.now(), expiresAt: clock.now() + HOUR }) };
    return { clock, state, tokens: managed(source, { clock, store, key: 'acme', account: 'acme', ...options }) };
  };

  it('is not asked for where nobody observes and nobody looks at a status', async () => {
    const { tokens, state, clock } = await counted({});
    await tokens.token();
    clock.advance(HOUR);
    await tokens.invalidate(await tokens.token());
    await tokens.forget();
    expect([state.reads, state.writes]).toEqual([0, 0]);
  });

  it.each([
    ['observed', { observe: () => {} }, 1],
    ['looked at', {}, 1],
  ])('is read once, and written once by the first of all processes, where it is %s', async (_, options, reads) => {
    const { tokens, state, clock } = await counted(options);
    for (let round = 0; round < 5; round += 1) {
      await tokens.token();
      await tokens.status();
      clock.advance(HOUR);
    }
    expect([state.reads, state.writes]).toEqual([reads, 1]);
  });
});
