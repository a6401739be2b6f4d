import { describe, expect, it } from 'vitest';
import { memoryStore } from './memory-store.ts';
import { fakeClock } from './testing/index.ts';

const HOUR = 3_600_000;

const setUp = (maxEntries?: number) => {
  const clock = fakeClock();
  const store = memoryStore({ clock, maxEntries });
  const valuesOf = (...keys: readonly string[]) => Promise.all(keys.map(async (key) => (await store.read(key))?.value));
  /** So many entries: `name-0`, `name-1`, … */
  const fill = async (name: string, count: number, ttl?: number): Promise<void> => {
    for (let entry = 0; entry < count; entry += 1) await store.write(`${name}-${entry}`, 'value', { ttl });
  };
  return { clock, store, valuesOf, fill };
};

// That it keeps the contract is in store.test.ts.

describe('the time to live', () => {
  it('does not see a step of the wall clock', async () => {
    const { store, clock, valuesOf } = setUp();
    await store.write('key', 'value', { ttl: 1_000 });
    clock.step(2 * HOUR);
    expect(await valuesOf('key')).toEqual(['value']);
  });

  it('lets go of what has expired as others are written, though nobody asks for it', async () => {
    let now = 0;
    // Only a clock that goes back shows whether they are still there.
    const store = memoryStore({ clock: { ...fakeClock(), monotonic: () => now } });
    for (let entry = 0; entry < 1_100; entry += 1) await store.write(`old-${entry}`, 'value', { ttl: 1_000 });
    await store.write('lasting', 'value');
    now = 1_000;
    for (let entry = 0; entry < 1_100; entry += 1) await store.write(`new-${entry}`, 'value', { ttl: 1_000 });
    now = 0;
    const isThere = async (key: string) => (await store.read(key)) !== undefined;
    expect(await Promise.all(['old-0', 'old-1099'].map(isThere))).toEqual([false, false]);
    expect(await Promise.all(['lasting', 'new-0', 'new-1099'].map(isThere))).toEqual([true, true, true]);
  });
});

describe('a full store', () => {
  it('drops what was written longest ago, and never grows', async () => {
    const { store, fill, valuesOf } = setUp(100);
    await fill('key', 100, HOUR);
    await store.write('key-0', 'again', { ttl: HOUR });
    await store.write('next', 'value', { ttl: HOUR });
    expect(await valuesOf('key-0', 'key-1', 'key-7', 'key-8', 'next')).toEqual(['again', undefined, undefined, 'value', 'value']);
    await fill('more', 1_000, HOUR);
    const left = await valuesOf(...Array.from({ length: 1_000 }, (_, entry) => `more-${entry}`));
    expect(left.filter(Boolean).length).toBeLessThanOrEqual(100);
    expect(left.slice(-90)).toEqual(Array(90).fill('value'));
  });

  it('drops what has expired before anything else', async () => {
    const { clock, store, fill, valuesOf } = setUp(100);
    await fill('key', 50, HOUR);
    await fill('short', 50, 1_000);
    clock.advance(1_000);
    await store.write('next', 'value');
    expect(await valuesOf('key-0', 'key-49', 'next')).toEqual(['value', 'value', 'value']);
  });

  it('spares refusals, which have no ttl, and leases, which end soon', async () => {
    const { store, fill, valuesOf } = setUp(100);
    await store.write('refusal', 'value');
    await store.write('lease', 'value', { ttl: 3_000 });
    await fill('token', 1_000, HOUR);
    expect(await valuesOf('refusal', 'lease', 'token-999', 'token-0')).toEqual(['value', 'value', 'value', undefined]);
  });

  it('rejects new entries where none may be dropped, loses nothing, and takes changes and deletions', async () => {
    const { clock, store, fill, valuesOf } = setUp(100);
    await fill('key', 100);
    await expect(store.write('next', 'value', { ttl: HOUR })).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await valuesOf('key-0', 'key-99', 'next')).toEqual(['value', 'value', undefined]);
    expect(await store.write('key-0', 'changed', { ttl: HOUR })).toEqual(expect.any(String));
    clock.advance(1_000);
    expect(await store.write('next', 'value')).toEqual(expect.any(String));
    expect(await valuesOf('key-0')).toEqual([undefined]);
    expect(await store.write('key-1', undefined)).toEqual(expect.any(String));
    expect(await store.write('another', 'value')).toEqual(expect.any(String));
  });

  it.each([Number.NaN, 0, -1, 'many'])('has a bound that is a number from 1 up, not %j', (maxEntries) => {
    // What a configuration in JavaScript may hold.
    expect(() => memoryStore({ maxEntries: maxEntries as number })).toThrow(expect.objectContaining({ code: 'misconfigured' }));
  });
});
