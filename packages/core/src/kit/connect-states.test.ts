import { describe, expect, it } from 'vitest';
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

const broken: Store = { read: () => Promise.reject(new Error('down')), write: () => Promise.reject(new Error('down')) };

describe('create', () => {
  it('gives 256 bits that fit into a URL as they are, never the same twice', () => {
    const { states } = setUp();
    const made = Array.from({ length: 100 }, states.create);
    expect(new Set(made).size).toBe(100);
    for (const state of made) expect(state).toMatch(/^[\w-]{43}$/);
  });
});

describe('spend', () => {
  it('accepts the state of the session', async () => {
    const { spend, session } = setUp();
    expect(await spend(`state=${session.state}&code=1`)).toBe('accepted');
  });

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
  ])('refuses a callback with %s, and leaves the session usable', async (_, query) => {
    const { spend, session } = setUp();
    expect(await spend(query(session.state))).toBe('state_mismatch');
    expect(await spend(`state=${session.state}`)).toBe('accepted');
  });

  it('refuses a session whose state is empty, as no session has one', async () => {
    const { spend, states, clock } = setUp();
    expect(await spend('state=', states, { state: '', expiresAt: clock.now() + MINUTE })).toBe('state_mismatch');
    expect(await spend('', states, { state: '', expiresAt: clock.now() + MINUTE })).toBe('state_mismatch');
  });

  it('refuses a session without state, as a callback without one would fit it', async () => {
    const { states, clock } = setUp();
    // A session that came back from a cookie as something else.
    const session = { expiresAt: clock.now() + MINUTE } as unknown as { state: string; expiresAt: number };
    for (const query of ['', 'state=', 'state=undefined']) {
      const outcome = states.spend(readCallback(`/back?${query}`), session, 'connect.complete');
      await expect(outcome).rejects.toMatchObject({ code: 'state_mismatch' });
    }
  });

  it('accepts it once', async () => {
    const { spend, session } = setUp();
    const answers = await Promise.all(Array.from({ length: 20 }, () => spend(`state=${session.state}`)));
    expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(1);
    expect(new Set(answers)).toEqual(new Set(['accepted', 'state_mismatch']));
  });

  it('accepts it once in all processes that share a store', async () => {
    const store = memoryStore();
    const { spend, session, clock } = setUp({ store });
    const others = Array.from({ length: 5 }, () => connectStates({ provider: 'acme', account: 'acme', store, clock }));
    const answers = await Promise.all(others.map((other) => spend(`state=${session.state}`, other)));
    expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(1);
  });

  it('keeps accounts apart in one store', async () => {
    const store = memoryStore();
    const { spend, session, clock } = setUp({ store });
    const other = connectStates({ provider: 'acme', account: 'other', store, clock });
    expect(await spend(`state=${session.state}`, other)).toBe('accepted');
    expect(await spend(`state=${session.state}`)).toBe('accepted');
  });

  it('goes on for this process while the store is down', async () => {
    const { spend, session } = setUp({ store: broken });
    expect(await spend(`state=${session.state}`)).toBe('accepted');
    expect(await spend(`state=${session.state}`)).toBe('state_mismatch');
  });

  it('does not fail open when the store is configured wrongly', async () => {
    const wrongKey = (): Promise<never> =>
      Promise.reject(new AuthError('Wrong key.', { code: 'misconfigured', provider: 'store', operation: 'read' }));
    const { spend, session } = setUp({ store: { read: wrongKey, write: wrongKey } });
    expect(await spend(`state=${session.state}`)).toBe('misconfigured');
  });

  it('refuses a session that has ended, or whose end is no time', async () => {
    const { spend, session, states, clock } = setUp();
    expect(await spend(`state=${session.state}`, states, { ...session, expiresAt: Number.NaN })).toBe('state_mismatch');
    clock.advance(30 * MINUTE);
    expect(await spend(`state=${session.state}`)).toBe('state_mismatch');
  });

  it('keeps only a hash, and only as long as the session lasts', async () => {
    const written: { key: string; value: string | undefined; ttl: number | undefined }[] = [];
    const store: Store = {
      read: async () => undefined,
      write: async (key, value, options) => {
        written.push({ key, value, ttl: options?.ttl });
        return 'version';
      },
    };
    const { spend, session, clock } = setUp({ store });
    clock.advance(10 * MINUTE);
    await spend(`state=${session.state}`);
    expect(written).toHaveLength(1);
    expect(written[0]?.ttl).toBe(20 * MINUTE);
    expect(JSON.stringify(written)).not.toContain(session.state);
  });

  it('quotes neither state nor callback in its errors', async () => {
    const { states, session } = setUp();
    const error: unknown = await states
      .spend(readCallback('/back?state=forged-state&code=forged-code'), session, 'connect.complete')
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'state_mismatch', provider: 'acme', operation: 'connect.complete' });
    const text = `${JSON.stringify(error)} ${error instanceof Error ? `${error.message} ${error.stack}` : ''}`;
    for (const secret of [session.state, 'forged-state', 'forged-code']) expect(text).not.toContain(secret);
  });
});
