import { describe, expect, it } from 'vitest';
import { engineContext, failure } from '../../../test/engine-context.ts';
import { rejectionOf } from '../../../test/rejection-of.ts';
import { HOUR, KEY, sharedEntry, textFormat } from '../../../test/shared-entry.ts';
import type { Managed, ManagedOptions, Store, Token } from '../../index.ts';
import { AuthError, managed, memoryStore } from '../../index.ts';
import { connectStates } from '../../kit/connect-states.ts';
import { managedMany } from '../../kit/managed-many.ts';
import { fakeClock } from '../../testing/index.ts';
import { storageKey } from '../storage-key.ts';
import { Entries, type Entry, pollDelay } from './entries.ts';

const down = failure('unavailable', { status: 503, vendorCode: '7', retryAfter: 5, requestId: 'r1' }, 'down');
const NOTED = ['id', '{"message":"down","code":"unavailable","status":503,"vendorCode":"7","retryAfter":5,"requestId":"r1"}'];

const setUp = () => {
  const world = sharedEntry();
  const { entries } = world.join().place;
  return { ...world, entries, over: (store: Store) => new Entries(store, textFormat, world.context) };
};

const START = Date.UTC(2026, 0, 1);

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

/** An engine, and one entry in its store that it has not written. */
const engineOver = async (kind: 'token' | 'account', value: string, options: ManagedOptions = {}) => {
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

describe('an entry', () => {
  it.each<readonly [Entry<string>, string]>([
    [{ record: 'kept', lease: null, note: null }, '[2,["kept"],null]'],
    [{ record: 'kept', lease: 'owner', note: null }, '[2,["kept"],"owner"]'],
    [{ record: 'kept', lease: null, note: { id: 'id', failure: down } }, JSON.stringify([2, ['kept'], null, NOTED])],
  ])('is one text with record, lease and note: %j', async (entry, text) => {
    const { entries, stored } = setUp();
    const version = await entries.write(KEY, entry, null);
    expect(await stored()).toBe(text);
    const found = await entries.read(KEY);
    expect(found).toEqual({ ...entry, version });
    expect(found.note?.failure.toString()).toBe(entry.note?.failure.toString());
  });

  it('gives a failure with its facts, as one of this engine', async () => {
    const { entries, memory } = setUp();
    await memory.write(KEY, JSON.stringify([2, ['kept'], null, NOTED]));
    expect((await entries.read(KEY)).note).toMatchObject({
      id: 'id',
      failure: { ...down, message: 'down', provider: 'acme', operation: 'token' },
    });
  });

  it('counts for nothing where there is none', async () => {
    const { entries } = setUp();
    expect(await entries.read(KEY)).toEqual({ record: 'nothing', lease: null, note: null, version: null });
  });

  it.each(['7', '"id"', '[]', '["id"]', '["id",7]', '["id","garbage"]', '["id","null"]', '[7,"{}"]'])(
    'is read without the note when that is %s',
    async (note) => {
      const { entries, memory } = setUp();
      await memory.write(KEY, `[2,["kept"],"owner",${note}]`);
      expect(await entries.read(KEY)).toMatchObject({ record: 'kept', lease: 'owner', note: null });
    },
  );

  it('is written only over the version that is named', async () => {
    const { entries, stored } = setUp();
    const entry = { record: 'kept', lease: null, note: null };
    const version = await entries.write(KEY, entry, null);
    expect(await entries.write(KEY, { ...entry, record: 'new' }, null)).toBeUndefined();
    expect(await entries.write(KEY, { ...entry, record: 'new' }, 'other')).toBeUndefined();
    expect(await stored()).toBe('[2,["kept"],null]');
    expect(await entries.write(KEY, { ...entry, record: 'new' }, version ?? null)).toBeDefined();
  });

  it.each([
    ['for ever', 'kept', null, null, Number.POSITIVE_INFINITY, undefined],
    ['as long as the record is worth it', 'kept', null, null, 60_000, 60_000],
    ['as long as the record is worth it, under a lease too', 'kept', 'owner', null, 60_000, 60_000],
    ['three seconds for a lease', 'kept', 'owner', null, 1, 3_000],
    ['ten seconds for a note', 'kept', null, { id: 'id', failure: down }, 1, 10_000],
  ])('is kept %s', async (_, record, lease, note, life, ttl) => {
    const { store, written, context } = setUp();
    const entries = new Entries(store, { ...textFormat, life: () => life }, context);
    await entries.write(KEY, { record, lease, note }, null);
    expect(written).toEqual([{ value: expect.any(String), ifVersion: null, ttl }]);
  });

  it('is deleted when it says nothing', async () => {
    const { entries, stored, written } = setUp();
    const version = await entries.write(KEY, { record: 'kept', lease: null, note: null }, null);
    expect(await entries.write(KEY, { record: 'nothing', lease: null, note: null }, 'other')).toBeUndefined();
    expect(await stored()).toBeDefined();
    expect(await entries.write(KEY, { record: 'nothing', lease: null, note: null }, version ?? null)).toBeDefined();
    expect([await stored(), written.at(-1)]).toEqual([undefined, { value: undefined, ifVersion: version }]);
  });

  it.each([
    ['the same', { record: 'kept', lease: 'owner', note: { id: 'id', failure: down } }, true],
    ['another', { record: 'other', lease: 'owner', note: null }, false],
    ['another', { record: 'kept', lease: null, note: null }, false],
  ])('says %s if record and lease do, whatever the note: %j', (_, other, expected) => {
    const { entries } = setUp();
    expect(entries.isSame({ record: 'kept', lease: 'owner', note: null }, other)).toBe(expected);
  });

  it('is removed whatever there is', async () => {
    const { entries, stored } = setUp();
    await entries.write(KEY, { record: 'kept', lease: 'owner', note: null }, null);
    await entries.remove(KEY);
    expect(await stored()).toBeUndefined();
    await entries.remove(KEY);
  });
});

describe('a change of the record', () => {
  it('leaves lease and note as they are, and answers what is there afterwards', async () => {
    const { entries, stored } = setUp();
    await entries.write(KEY, { record: 'kept', lease: 'owner', note: { id: 'id', failure: down } }, null);
    expect(await entries.change(KEY, (there) => `${there}, changed`)).toBe('kept, changed');
    expect(await stored()).toBe(JSON.stringify([2, ['kept, changed'], 'owner', NOTED]));
  });

  it('makes an entry where there is none', async () => {
    const { entries, stored } = setUp();
    expect(await entries.change(KEY, (there) => `${there} yet`)).toBe('nothing yet');
    expect(await stored()).toBe('[2,["nothing yet"],null]');
  });

  it('leaves everything if it is `undefined`', async () => {
    const { entries, written } = setUp();
    expect(await entries.change(KEY, () => undefined)).toBe('nothing');
    expect(written).toEqual([]);
  });

  it('is not written when it changes nothing', async () => {
    const { entries, written, memory } = setUp();
    await memory.write(KEY, '[2,["kept"],null]');
    expect(await entries.change(KEY, () => 'kept')).toBe('kept');
    expect(written).toEqual([]);
  });

  it('is made again over what another process has written at the same moment', async () => {
    const { store, memory, over, stored } = setUp();
    let races = 3;
    const racing: Store = {
      write: store.write,
      read: async (key) => {
        const entry = await memory.read(key);
        races -= 1;
        if (races >= 0) await memory.write(key, `[2,["${races}"],"owner"]`);
        return entry;
      },
    };
    expect(await over(racing).change(KEY, (there) => `${there}, changed`)).toBe('0, changed');
    expect(await stored()).toBe('[2,["0, changed"],"owner"]');
  });

  it('is known as done if a client repeats the command, because the record is the same then', async () => {
    const { store, over, stored } = setUp();
    const repeating: Store = {
      read: store.read,
      write: async (...call) => {
        await store.write(...call);
        return store.write(...call);
      },
    };
    expect(await over(repeating).change(KEY, () => 'new')).toBe('new');
    expect(await stored()).toBe('[2,["new"],null]');
  });

  it('is given up after fifty races that others have won, the first of them without a pause', async () => {
    const { store, memory, over, clock } = setUp();
    let tries = 0;
    const racing: Store = {
      read: store.read,
      write: async (key) => {
        tries += 1;
        await memory.write(key, `[2,["${tries}"],null]`);
        return undefined;
      },
    };
    const changing = over(racing).change(KEY, () => 'new');
    changing.catch(() => {});
    await clock.settle(0);
    expect(tries).toBe(12);
    await clock.settle(3_900);
    await expect(changing).rejects.toMatchObject({
      code: 'store_unavailable',
      message: 'The token store rejected 50 writes over the version that it had just returned. Check its `ifVersion`.',
    });
    expect(tries).toBe(50);
  });
});

describe('a store that says three times in a row that a write was too late, though nobody else has written', () => {
  it.each<readonly [string, (entries: Entries<string>) => Promise<unknown>]>([
    ['change', (entries) => entries.change(KEY, () => 'new')],
    ['removal', (entries) => entries.remove(KEY)],
  ])('is misconfigured, for a %s', async (_, act) => {
    const { memory, over, stored } = setUp();
    await memory.write(KEY, '[2,["kept"],null]');
    let tries = 0;
    const broken: Store = {
      read: memory.read,
      write: async () => {
        tries += 1;
        return undefined;
      },
    };
    await expect(act(over(broken))).rejects.toMatchObject({ code: 'misconfigured', message: expect.stringContaining('3 times in a row') });
    expect([tries, await stored()]).toEqual([3, '[2,["kept"],null]']);
  });
});

describe('the pause between two looks', () => {
  it.each([
    [0, 25],
    [0.5, 62.5],
    [1, 100],
  ])('is, with chance %d, %d ms', (random, expected) => {
    const { clock } = setUp();
    expect(pollDelay({ ...engineContext(clock).timing, random: () => random })).toBe(expected);
  });
});

describe('an entry of another edition', () => {
  for (const value of OF_ANOTHER_EDITION) {
    it.each(Object.keys(SUBJECT))(`(${value}) is named and never written over, by %s`, async (verb) => {
      for (const singleUse of [false, true]) {
        const { tokens, there, asked } = await engineOver('token', value, { singleUse });
        const error = await rejectionOf(SUBJECT[verb]?.(tokens) ?? Promise.resolve());
        expect(error).toMatchObject({ code: 'misconfigured' });
        expect(String(error)).toContain(`format ${JSON.parse(value)[0]}, and this edition writes format 2`);
        expect(String(error)).toMatch(/Finish the deployment, or give one edition .*`tenant`/);
        expect(await there()).toBe(value);
        expect(asked()).toBe(0);
      }
    });

    it.each(Object.keys(ACCOUNT))(`(${value}) about an account is named and never written over, by %s`, async (verb) => {
      const { tokens, there, asked } = await engineOver('account', value);
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
    const { tokens, there, asked } = await engineOver('token', value);
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
    const { tokens, there, asked } = await engineOver('account', value);
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
    let outcomes: readonly PromiseSettledResult<void>[] | undefined;
    void Promise.allSettled(changes).then((settled) => {
      outcomes = settled;
    });
    for (let turn = 0; turn < 100 && !outcomes; turn += 1) await clock.settle(100);
    expect(outcomes?.filter(({ status }) => status === 'rejected')).toEqual([]);
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
