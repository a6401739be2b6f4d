import { describe, expect, it } from 'vitest';
import { memoryStore } from './memory-store.ts';
import { fakeClock } from './testing/index.ts';

const setUp = () => {
  const clock = fakeClock();
  return { clock, store: memoryStore({ clock }) };
};

describe('read', () => {
  it('answers nothing for a key that was never written', async () => {
    expect(await setUp().store.read('key')).toBeUndefined();
  });

  it('answers the value and the version of the last write', async () => {
    const { store } = setUp();
    await store.write('key', 'first');
    const version = await store.write('key', 'second');
    expect(await store.read('key')).toEqual({ value: 'second', version });
  });

  it('keeps keys and stores apart', async () => {
    const { store } = setUp();
    await store.write('key', 'value');
    expect([await store.read('other'), await setUp().store.read('key')]).toEqual([undefined, undefined]);
  });

  it('takes an empty text for a value', async () => {
    const { store } = setUp();
    await store.write('key', '');
    expect(await store.read('key')).toMatchObject({ value: '' });
  });
});

describe('write', () => {
  it('without a condition replaces whatever is there', async () => {
    const { store } = setUp();
    await store.write('key', 'first');
    expect(await store.write('key', 'second', { ifVersion: undefined })).toBeDefined();
    expect(await store.read('key')).toMatchObject({ value: 'second' });
  });

  it('over a version succeeds once, for the first who comes', async () => {
    const { store } = setUp();
    const ifVersion = await store.write('key', 'first');
    const versions = await Promise.all([store.write('key', 'mine', { ifVersion }), store.write('key', 'theirs', { ifVersion })]);
    expect(versions).toEqual([expect.any(String), undefined]);
    expect(await store.read('key')).toEqual({ value: 'mine', version: versions[0] });
  });

  it('over nothing succeeds only where nothing is', async () => {
    const { store } = setUp();
    expect(await store.write('key', 'first', { ifVersion: null })).toBeDefined();
    expect(await store.write('key', 'second', { ifVersion: null })).toBeUndefined();
    expect(await store.read('key')).toMatchObject({ value: 'first' });
  });

  it('over a version fails where nothing is', async () => {
    const { store } = setUp();
    const ifVersion = await store.write('key', 'first');
    await store.write('key', undefined);
    expect(await store.write('key', 'second', { ifVersion })).toBeUndefined();
    expect(await store.read('key')).toBeUndefined();
  });

  it('of undefined deletes, under the same conditions, and answers a version', async () => {
    const { store } = setUp();
    const version = await store.write('key', 'first');
    expect(await store.write('key', undefined, { ifVersion: 'another' })).toBeUndefined();
    expect(await store.read('key')).toMatchObject({ value: 'first' });
    expect(await store.write('key', undefined, { ifVersion: version })).toEqual(expect.any(String));
    expect(await store.read('key')).toBeUndefined();
  });

  it('that fails leaves the time to live as it was', async () => {
    const { store, clock } = setUp();
    await store.write('key', 'first', { ttl: 1_000 });
    await store.write('key', 'second', { ifVersion: null, ttl: 9_000 });
    clock.advance(1_000);
    expect(await store.read('key')).toBeUndefined();
  });

  it('never uses a version twice, not even after a deletion or the end of an entry', async () => {
    const { store, clock } = setUp();
    const versions: (string | undefined)[] = [];
    for (let round = 0; round < 100; round += 1) {
      versions.push(await store.write('key', 'value', { ttl: 1 }), await store.write('key', 'value'), await store.write('key', undefined));
      clock.advance(1);
    }
    expect(new Set(versions).size).toBe(300);
  });
});

describe('the time to live', () => {
  it('ends an entry for reads and for both conditions', async () => {
    const { store, clock } = setUp();
    const version = await store.write('key', 'value', { ttl: 1_000 });
    clock.advance(999);
    expect(await store.read('key')).toEqual({ value: 'value', version });
    for (const name of ['a', 'b']) await store.write(name, 'value', { ttl: 1 });
    const ended = await store.write('c', 'value', { ttl: 1 });
    clock.advance(1);
    expect(await store.read('key')).toBeUndefined();
    expect(await store.read('a')).toBeUndefined();
    expect(await store.write('b', 'next', { ifVersion: null })).toBeDefined();
    expect(await store.write('c', 'next', { ifVersion: ended })).toBeUndefined();
  });

  it('is set again by every write', async () => {
    const { store, clock } = setUp();
    await store.write('a', 'value', { ttl: 1_000 });
    await store.write('b', 'value', { ttl: 1_000 });
    clock.advance(500);
    await store.write('a', 'value', { ttl: 1_000 });
    await store.write('b', 'value');
    clock.advance(999);
    expect(await store.read('a')).toBeDefined();
    clock.advance(1);
    expect(await store.read('a')).toBeUndefined();
    clock.advance(1_000_000);
    expect(await store.read('b')).toBeDefined();
  });

  it('lets go of what has expired as others are written, though nobody asks for it', async () => {
    let now = 0;
    // Only a clock that goes back shows whether they are still there.
    const store = memoryStore({ clock: { ...fakeClock(), monotonic: () => now } });
    for (let entry = 0; entry < 5_000; entry += 1) await store.write(`old-${entry}`, 'value', { ttl: 1_000 });
    await store.write('lasting', 'value');
    now = 1_000;
    for (let entry = 0; entry < 10_000; entry += 1) await store.write(`new-${entry}`, 'value', { ttl: 1_000 });
    now = 0;
    expect([await store.read('old-0'), await store.read('old-4999')]).toEqual([undefined, undefined]);
    for (const key of ['lasting', 'new-0', 'new-9999']) expect(await store.read(key)).toBeDefined();
  });

  it('does not see a step of the wall clock', async () => {
    const { store, clock } = setUp();
    await store.write('key', 'value', { ttl: 1_000 });
    clock.step(7_200_000);
    expect(await store.read('key')).toBeDefined();
  });
});

describe('a full store', () => {
  const HOUR = 3_600_000;
  const holding = async (count: number, ttl: number | undefined) => {
    const clock = fakeClock();
    const store = memoryStore({ clock, maxEntries: 100 });
    for (let entry = 0; entry < count; entry += 1) await store.write(`key-${entry}`, 'value', { ttl });
    const isThere = async (key: string) => (await store.read(key)) !== undefined;
    return { clock, store, isThere };
  };

  it('drops what was written longest ago, and never grows', async () => {
    const { store, isThere } = await holding(100, HOUR);
    await store.write('key-0', 'again', { ttl: HOUR });
    await store.write('next', 'value', { ttl: HOUR });
    expect(await Promise.all(['key-0', 'key-1', 'key-7', 'key-8', 'next'].map(isThere))).toEqual([true, false, false, true, true]);
    for (let entry = 0; entry < 1_000; entry += 1) await store.write(`more-${entry}`, 'value', { ttl: HOUR });
    const left = await Promise.all(Array.from({ length: 1_000 }, (_, entry) => isThere(`more-${entry}`)));
    expect(left.filter(Boolean).length).toBeLessThanOrEqual(100);
    expect(left.slice(-90)).toEqual(Array(90).fill(true));
  });

  it('drops what has expired before anything else', async () => {
    const { clock, store, isThere } = await holding(50, HOUR);
    for (let entry = 0; entry < 50; entry += 1) await store.write(`short-${entry}`, 'value', { ttl: 1_000 });
    clock.advance(1_000);
    await store.write('next', 'value');
    expect(await Promise.all(['key-0', 'key-49', 'next'].map(isThere))).toEqual([true, true, true]);
  });

  it('spares refusals, which have no ttl, and leases, which end soon', async () => {
    const { store, isThere } = await holding(0, undefined);
    await store.write('refusal', 'value');
    await store.write('lease', 'value', { ttl: 3_000 });
    for (let entry = 0; entry < 1_000; entry += 1) await store.write(`token-${entry}`, 'value', { ttl: HOUR });
    expect(await Promise.all(['refusal', 'lease', 'token-999', 'token-0'].map(isThere))).toEqual([true, true, true, false]);
  });

  it('rejects new entries where none may be dropped, loses nothing, and takes changes and deletions', async () => {
    const { clock, store, isThere } = await holding(100, undefined);
    await expect(store.write('next', 'value', { ttl: HOUR })).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await Promise.all(['key-0', 'key-99', 'next'].map(isThere))).toEqual([true, true, false]);
    expect(await store.write('key-0', 'changed', { ttl: HOUR })).toBeDefined();
    clock.advance(1_000);
    expect(await store.write('next', 'value')).toBeDefined();
    expect(await isThere('key-0')).toBe(false);
    expect(await store.write('key-1', undefined)).toBeDefined();
    expect(await store.write('another', 'value')).toBeDefined();
  });
});

describe('a bound that is not a number from 1 up', () => {
  it.each([Number.NaN, 0, -1, 'many'])('is misconfigured: %j', (maxEntries) => {
    // What a configuration in JavaScript may hold.
    expect(() => memoryStore({ maxEntries: maxEntries as number })).toThrow(expect.objectContaining({ code: 'misconfigured' }));
  });
});
