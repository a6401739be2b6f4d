import { describe, expect, it } from 'vitest';
import { engineContext, failure } from '../../../test/engine-context.ts';
import { KEY, sharedEntry, textFormat } from '../../../test/shared-entry.ts';
import type { Store } from '../../index.ts';
import { Entries, type Entry, pollDelay } from './entries.ts';

const down = failure('unavailable', { status: 503, vendorCode: '7', retryAfter: 5, requestId: 'r1' }, 'down');
const NOTED = ['id', '{"message":"down","code":"unavailable","status":503,"vendorCode":"7","retryAfter":5,"requestId":"r1"}'];

const setUp = () => {
  const world = sharedEntry();
  const { entries } = world.join().place;
  return { ...world, entries, over: (store: Store) => new Entries(store, textFormat, world.context) };
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

  it.each([
    '',
    'garbage',
    'null',
    '7',
    '{}',
    '[]',
    '"text"',
    '[2]',
    '[2,"kept",null]',
    '[2,[7],null]',
    '[1,["kept"],null]',
    '["2",["kept"],null]',
    '[2,["kept"],7]',
  ])('counts for nothing when it is %j, which this version did not write, and is written over', async (value) => {
    const { entries, memory, stored } = setUp();
    const version = await memory.write(KEY, value);
    expect(await entries.read(KEY)).toEqual({ record: 'nothing', lease: null, note: null, version });
    expect(await entries.write(KEY, { record: 'new', lease: null, note: null }, version ?? null)).toBeDefined();
    expect(await stored()).toBe('[2,["new"],null]');
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

  it('is given up after fifty races in a store that lets nobody win, the first of them without a pause', async () => {
    const { store, over, clock } = setUp();
    let tries = 0;
    const broken: Store = {
      read: store.read,
      write: async () => {
        tries += 1;
        return undefined;
      },
    };
    const changing = over(broken).change(KEY, () => 'new');
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
