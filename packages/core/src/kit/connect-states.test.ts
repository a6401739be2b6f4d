import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../../test/rejection-of.ts';
import { AuthError, memoryStore, type Store } from '../index.ts';
import { fakeClock } from '../testing/index.ts';
import { readCallback } from './callback-query.ts';
import { connectStates } from './connect-states.ts';

const MINUTE = 60_000;

const setUp = ({ store, account = 'acme' }: { store?: Store; account?: string } = {}) => {
  const clock = fakeClock({ now: 1_800_000_000_000 });
  const states = connectStates({ provider: 'acme', account, store, clock });
  const session = { state: states.create(), expiresAt: clock.now() + 30 * MINUTE };
  const spend = (query: string, of = states, given = session): Promise<string> =>
    of.spend(readCallback(`/back?${query}`), given, 'connect.complete').then(
      () => 'accepted',
      (error: unknown) => (AuthError.is(error) ? error.code : String(error)),
    );
  return { clock, states, session, spend };
};

describe('create', () => {
  it('gives 256 bits that fit into a URL as they are, never the same twice', () => {
    const { states } = setUp();
    const made = Array.from({ length: 100 }, states.create);
    expect(new Set(made).size).toBe(100);
    for (const state of made) expect(state).toMatch(/^[\w-]{43}$/);
  });
});

describe('spend', () => {
  it.each([
    ['none', () => 'code=1'],
    ['an empty one', () => 'state='],
    ['another', () => 'state=other'],
    ['the beginning of it', (state: string) => `state=${state.slice(0, -1)}`],
    ['more than it', (state: string) => `state=${state}x`],
    ['it and another', (state: string) => `state=${state}&state=other`],
    ['another and it', (state: string) => `state=other&state=${state}`],
    ['it twice', (state: string) => `state=${state}&state=${state}`],
    ['it under another name', (state: string) => `State=${state}`],
  ])('refuses a callback with %s, and then accepts the state of the session', async (_, query) => {
    const { spend, session } = setUp();
    expect(await spend(query(session.state))).toBe('state_mismatch');
    expect(await spend(`state=${session.state}&code=1`)).toBe('accepted');
  });

  it.each(['', undefined])('refuses a session whose state is %j, because a callback without one would fit it', async (state) => {
    const { spend, states, session } = setUp();
    // A session that came back from a cookie as something else.
    const broken = { ...session, state: state as string };
    for (const query of ['', 'state=', 'state=undefined']) expect(await spend(query, states, broken)).toBe('state_mismatch');
  });

  it('accepts it once, in all processes that share a store', async () => {
    const store = memoryStore();
    const { spend, session, clock } = setUp({ store });
    const others = Array.from({ length: 5 }, () => connectStates({ provider: 'acme', account: 'acme', store, clock }));
    const here = setUp();
    const answers = [
      await Promise.all(others.map((other) => spend(`state=${session.state}`, other))),
      await Promise.all(Array.from({ length: 20 }, () => here.spend(`state=${here.session.state}`))),
    ];
    for (const all of answers) expect(all.toSorted()).toEqual(['accepted', ...Array(all.length - 1).fill('state_mismatch')]);
  });

  it('keeps accounts apart in one store', async () => {
    const store = memoryStore();
    const { spend, session, clock } = setUp({ store });
    const other = connectStates({ provider: 'acme', account: 'other', store, clock });
    expect(await spend(`state=${session.state}`, other)).toBe('accepted');
    expect(await spend(`state=${session.state}`)).toBe('accepted');
  });

  it('goes on for this process while the store is down, but not when the store is configured wrongly', async () => {
    const failing = (error: Error): Store => ({ read: () => Promise.reject(error), write: () => Promise.reject(error) });
    const wrongKey = new AuthError('Wrong key.', { code: 'misconfigured', provider: 'store', operation: 'read' });
    const [down, wrong] = [setUp({ store: failing(new Error('down')) }), setUp({ store: failing(wrongKey) })];
    expect(await down.spend(`state=${down.session.state}`)).toBe('accepted');
    expect(await down.spend(`state=${down.session.state}`)).toBe('state_mismatch');
    expect(await wrong.spend(`state=${wrong.session.state}`)).toBe('misconfigured');
  });

  it('accepts it if the store carried out the first use and lost its answer', async () => {
    const memory = memoryStore();
    let isLost = true;
    const write: Store['write'] = async (...call) => {
      const version = await memory.write(...call);
      const answer = isLost ? undefined : version;
      isLost = false;
      return answer;
    };
    const { spend, session, clock } = setUp({ store: { read: memory.read, write } });
    expect(await spend(`state=${session.state}`)).toBe('accepted');
    expect(await spend(`state=${session.state}`)).toBe('state_mismatch');
    const other = connectStates({ provider: 'acme', account: 'acme', store: memory, clock });
    expect(await spend(`state=${session.state}`, other)).toBe('state_mismatch');
  });

  it.each([
    ['answers nothing to a write that it did not carry out', undefined],
    ['answers true', true],
    ['answers a number', 1],
  ])('names a store that %s, instead of calling a first use a second one', async (_, answer) => {
    const write: Store['write'] = async () => answer as undefined;
    const { spend, session } = setUp({ store: { read: async () => undefined, write } });
    expect(await spend(`state=${session.state}`)).toBe('misconfigured');
  });

  it('refuses a session that has ended, or whose end is no time', async () => {
    const { spend, session, states, clock } = setUp();
    expect(await spend(`state=${session.state}`, states, { ...session, expiresAt: Number.NaN })).toBe('state_mismatch');
    clock.advance(30 * MINUTE);
    expect(await spend(`state=${session.state}`)).toBe('state_mismatch');
  });

  it('keeps only a hash, and only as long as the session lasts', async () => {
    const written: unknown[] = [];
    const write: Store['write'] = async (key, value, options) => {
      written.push([key, value, options?.ttl]);
      return 'version';
    };
    const { spend, session, clock } = setUp({ store: { read: async () => undefined, write } });
    clock.advance(10 * MINUTE);
    await spend(`state=${session.state}`);
    expect(written).toEqual([[expect.any(String), expect.any(String), 20 * MINUTE]]);
    expect(JSON.stringify(written)).not.toContain(session.state);
  });

  it('quotes neither state nor callback in its errors', async () => {
    const { states, session } = setUp();
    const callback = readCallback('/back?state=forged-state&code=forged-code');
    const error = await rejectionOf(states.spend(callback, session, 'connect.complete'));
    expect(error).toMatchObject({ code: 'state_mismatch', provider: 'acme', operation: 'connect.complete' });
    const text = inspect(error, { depth: 10, showHidden: true });
    for (const secret of [session.state, 'forged-state', 'forged-code']) expect(text).not.toContain(secret);
  });
});
