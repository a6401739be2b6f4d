import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../../../test/rejection-of.ts';
import type { Managed, ManagedOptions, Token } from '../../index.ts';
import { AuthError, managed, memoryStore } from '../../index.ts';
import { connectStates } from '../../kit/connect-states.ts';
import { managedMany } from '../../kit/managed-many.ts';
import { fakeClock } from '../../testing/index.ts';
import { storageKey } from '../storage-key.ts';

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

/** What an edition that is to come may write: nobody here can know what is in it. */
const OF_ANOTHER_EDITION = ['[3,{"token":"a","lease":null}]', '[1,["a",0,null],null]', '[3]', '[2.5,[],null]', '[-2]'];

/** Text under our key that no edition has written: cut off, parsed and printed by somebody, or somebody else's. */
const NOT_AN_ENTRY = [
  '',
  'null',
  '{}',
  '7',
  '"text"',
  '[]',
  '["2",[],null]',
  '[2,[["a",0,null],nu',
  '[2]',
  '[2,["a",0,null],null]',
  '[2,[null,null],7]',
];

const clock = fakeClock({ now: START });
const token: Token = { value: 'b', issuedAt: START, expiresAt: START + HOUR };

/** Everything that reads or writes an entry of a subject. */
const SUBJECT: Readonly<Record<string, (tokens: Managed) => Promise<unknown>>> = {
  token: (tokens) => tokens.token(),
  adopt: (tokens) => tokens.adopt(token, 'r2'),
  invalidate: (tokens) => tokens.invalidate(token),
  forget: (tokens) => tokens.forget(),
};

/** ... and of an account. */
const ACCOUNT: Readonly<Record<string, (tokens: Managed) => Promise<unknown>>> = {
  token: (tokens) => tokens.token(),
  status: (tokens) => tokens.status(),
  reset: (tokens) => tokens.reset(),
};

const setUp = async (kind: 'token' | 'account', value: string, options: ManagedOptions = {}) => {
  const store = memoryStore({ clock });
  const key = await (kind === 'token' ? storageKey('token', 'acme', '') : storageKey('account', 'acme'));
  await store.write(key, value);
  let asked = 0;
  const source = {
    token: async () => {
      asked += 1;
      if (asked > 0) throw new AuthError('Wrong secret.', { code: 'invalid_credentials', provider: 'p', operation: 'o', vendorCode: '1' });
      return token;
    },
  };
  const tokens = managed(source, { clock, random: () => 0, store, key: 'acme', fingerprint: () => 'print', ...options });
  return { store, tokens, asked: () => asked, there: async () => (await store.read(key))?.value };
};

describe('an entry of another edition', () => {
  for (const value of OF_ANOTHER_EDITION) {
    it.each(Object.keys(SUBJECT))(`(${value}) is named and never written over, by %s`, async (verb) => {
      for (const singleUse of [false, true]) {
        const { tokens, there, asked } = await setUp('token', value, { singleUse });
        const error = await rejectionOf(SUBJECT[verb]?.(tokens) ?? Promise.resolve());
        expect(error).toMatchObject({ code: 'misconfigured' });
        expect(String(error)).toContain(`format ${JSON.parse(value)[0]}, and this edition writes format 2`);
        expect(String(error)).toMatch(/Finish the deployment, or give one edition .*`tenant`/);
        expect(await there()).toBe(value);
        expect(asked()).toBe(0);
      }
    });

    it.each(Object.keys(ACCOUNT))(`(${value}) about an account is named and never written over, by %s`, async (verb) => {
      const { tokens, there, asked } = await setUp('account', value);
      expect(await rejectionOf(ACCOUNT[verb]?.(tokens) ?? Promise.resolve())).toMatchObject({ code: 'misconfigured' });
      expect(await there()).toBe(value);
      expect(asked()).toBe(0);
    });
  }

  it('is not taken over by `current`, nor written over when a subject of many is asked for', async () => {
    const store = memoryStore({ clock });
    const key = await storageKey('token', 'acme', '17');
    await store.write(key, '[3]');
    const many = managedMany(() => ({ token: async () => token }), { store, key: 'acme', clock });
    expect(await rejectionOf(many.of('17').current())).toMatchObject({ code: 'misconfigured' });
    expect(await rejectionOf(many.of('17').token())).toMatchObject({ code: 'misconfigured' });
    expect((await store.read(key))?.value).toBe('[3]');
    expect((await many.of('18').token()).value).toBe('b');
  });

  it('that comes while the vendor is asked is left alone; the token is returned', async () => {
    const store = memoryStore({ clock });
    const key = await storageKey('token', 'acme', '');
    const source = {
      token: async () => {
        await store.write(key, '[3]');
        return token;
      },
    };
    expect((await managed(source, { store, key: 'acme', clock }).token()).value).toBe('b');
    expect((await store.read(key))?.value).toBe('[3]');
  });

  it('under the key of a state is left alone: that state counts as used', async () => {
    const store = memoryStore({ clock });
    const states = connectStates({ provider: 'acme', account: 'acme', store, clock });
    const state = states.create();
    const key = await storageKey('state', 'acme', state);
    await store.write(key, '[3]');
    const callback = { values: () => [state] };
    expect(await rejectionOf(states.spend(callback, { state, expiresAt: START + HOUR }, 'connect.complete'))).toMatchObject({
      code: 'state_mismatch',
    });
    expect((await store.read(key))?.value).toBe('[3]');
  });
});

describe('text that is not an entry', () => {
  it.each(NOT_AN_ENTRY)('(%s) is named and left as it is, until somebody says `forget`', async (value) => {
    const { tokens, there, asked } = await setUp('token', value);
    for (const [verb, act] of Object.entries(SUBJECT)) {
      if (verb === 'forget') continue;
      const error = await rejectionOf(act(tokens));
      expect(error).toMatchObject({ code: 'misconfigured' });
      expect(String(error)).toMatch(/not an entry.*returns what was written, whole/);
      expect(await there()).toBe(value);
    }
    expect(asked()).toBe(0);
    await tokens.forget();
    expect(await there()).toBeUndefined();
  });

  it.each(NOT_AN_ENTRY.slice(0, -3))('(%s) about an account is named and left as it is', async (value) => {
    const { tokens, there, asked } = await setUp('account', value);
    for (const act of Object.values(ACCOUNT)) expect(await rejectionOf(act(tokens))).toMatchObject({ code: 'misconfigured' });
    expect(await there()).toBe(value);
    expect(asked()).toBe(0);
  });
});

describe('an entry that many change in the same way at once', () => {
  it.each(['reset', 'adopt'] as const)('shows each of them what it wanted, and no fault of the store: %s', async (verb) => {
    const store = memoryStore({ clock });
    const options = { clock, store, key: 'acme', fingerprint: () => 'print' };
    const engines = Array.from({ length: 10 }, () => managed({ token: async () => token }, options));
    for (const one of engines) await one.status();
    const changes = engines.flatMap((one) => Array.from({ length: 10 }, () => (verb === 'reset' ? one.reset() : one.adopt(token, 'r1'))));
    await clock.settle(0);
    for (let turn = 0; turn < 100; turn += 1) await clock.settle(100);
    expect((await Promise.allSettled(changes)).filter(({ status }) => status === 'rejected')).toEqual([]);
  });
});

describe('forget', () => {
  it('deletes an entry that others change meanwhile', async () => {
    const store = memoryStore({ clock });
    const key = await storageKey('token', 'acme', '');
    const tokens = managed({ token: async () => token }, { clock, store: { ...store, read: (...call) => changing(...call) }, key: 'acme' });
    await managed({ token: async () => token }, { clock, store, key: 'acme' }).token();
    let left = 20;
    const changing = async (asked: string) => {
      const found = await store.read(asked);
      left -= 1;
      if (found && left > 0) await store.write(asked, found.value);
      return found;
    };
    await tokens.forget();
    expect(await store.read(key)).toBeUndefined();
  });

  it('of a subject that nobody has stored is done at once', async () => {
    const store = memoryStore({ clock });
    await managed({ token: async () => token }, { clock, store, key: 'acme' }).forget();
    expect(await store.read(await storageKey('token', 'acme', ''))).toBeUndefined();
  });
});
