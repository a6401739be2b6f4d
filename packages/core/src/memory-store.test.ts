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

  it('over a version succeeds once, for whoever comes first', async () => {
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

  it('is set anew by every write', async () => {
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
    // Only under a clock that goes back can be seen whether they are still there.
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
