import { AuthError, memoryStore } from '@auth/core';
import { base64url } from 'jose';
import { describe, expect, it } from 'vitest';
import { failureOf, keyOf, setUp } from '../test/setup.ts';
import { type EncryptionKey, encryptedStore, type KeyMaterial } from './index.ts';

const BYTES = keyOf('k1').key;
const TEXT = base64url.encode(BYTES);

/** What the factory throws. */
const refusalOf = (keys: readonly EncryptionKey[]): AuthError => {
  try {
    setUp().with(...keys);
  } catch (error) {
    if (AuthError.is(error)) return error;
  }
  throw new Error('It did not throw an AuthError.');
};

describe('a key', () => {
  it.each<readonly [string, EncryptionKey['key']]>([
    ['base64url text', TEXT],
    ['a JWK', { kty: 'oct', k: TEXT }],
    ['what a function gives', () => BYTES],
    ['what a function promises', async () => TEXT],
  ])('as %s is the same as its bytes', async (_, key) => {
    const stores = setUp();
    await stores.with({ id: 'k1', key: BYTES }).write('key', 'value');
    expect(await stores.with({ id: 'k1', key }).read('key')).toMatchObject({ value: 'value' });
  });

  const WRONG: readonly (readonly [string, unknown])[] = [
    ['of 31 bytes', BYTES.slice(1)],
    ['of 33 bytes', new Uint8Array(33)],
    ['as hexadecimal text', 'c0ffee00'.repeat(8)],
    ['with padding', `${TEXT}=`],
    ['as an empty text', ''],
    ['that is missing', undefined],
    ['as a JWK of another kind', { kty: 'EC', k: TEXT }],
    ['as a JWK without k', { kty: 'oct' }],
    ['of a text that is no base64url', 'A'.repeat(45)],
  ];

  it.each(WRONG)('%s is misconfigured and not shown: at once, or at the first use where a function gives it', async (_, wrong) => {
    // What a configuration in JavaScript may hold.
    const key = wrong as KeyMaterial;
    const error = refusalOf([{ id: 'k1', key }]);
    const later = await failureOf(
      setUp()
        .with({ id: 'k1', key: () => key })
        .write('key', 'value'),
    );
    for (const { code, operation, message, stack } of [error, later]) {
      expect([code, operation]).toEqual(['misconfigured', 'options']);
      expect(message).toContain('k1');
      for (const part of ['c0ffee', TEXT.slice(0, 6), 'AAAAAA']) expect(message + stack).not.toContain(part);
    }
  });

  it('may be overwritten by its owner after it was given', async () => {
    const stores = setUp();
    const mine = BYTES.slice();
    const store = stores.with({ id: 'k1', key: mine });
    mine.fill(0);
    await store.write('key', 'value');
    expect(await stores.with({ id: 'k1', key: BYTES }).read('key')).toMatchObject({ value: 'value' });
  });

  /** A store whose key a function gives: by what it does at its first call and later ones. */
  const fetching = (first: () => Uint8Array | Promise<Uint8Array>, later: typeof first = () => BYTES) => {
    const { clock, ...stores } = setUp();
    const asked = Promise.withResolvers<void>();
    let fetches = 0;
    const key = (): Uint8Array | Promise<Uint8Array> => {
      fetches += 1;
      asked.resolve();
      return fetches === 1 ? first() : later();
    };
    return { clock, store: stores.with({ id: 'k1', key }), asked: asked.promise, fetches: () => fetches };
  };
  const UNAVAILABLE = { code: 'store_unavailable' };

  it('is fetched once, at the first use', async () => {
    const { store, fetches } = fetching(async () => BYTES);
    expect(fetches()).toBe(0);
    await Promise.all(Array.from({ length: 10 }, (_, index) => store.write(`key-${index}`, 'value')));
    await store.read('key-1');
    expect(fetches()).toBe(1);
  });

  it('that cannot be fetched makes the store unavailable, and is asked for again after a second', async () => {
    const { clock, store, fetches } = fetching(async () => Promise.reject(new Error('planted-secret')));
    const error = await failureOf(store.write('key', 'value'));
    expect(error).toMatchObject(UNAVAILABLE);
    expect(error.message + error.stack).not.toContain('planted-secret');
    clock.advance(999);
    expect(await failureOf(store.write('key', 'value'))).toMatchObject(UNAVAILABLE);
    expect(fetches()).toBe(1);
    clock.advance(1);
    expect(await store.write('key', 'value')).toEqual(expect.any(String));
  });

  it('that a function gives and is none never looks like an outage, however soon somebody asks again', async () => {
    const { store, fetches } = fetching(() => BYTES.slice(1));
    for (let time = 0; time < 3; time += 1)
      expect(await failureOf(store.read('key').then(() => store.write('key', 'value')))).toMatchObject({ code: 'misconfigured' });
    expect(fetches()).toBe(1);
  });

  it('whose function never answers makes the store unavailable after ten seconds, and is asked for again', async () => {
    const { clock, store, asked } = fetching(() => new Promise(() => {}));
    const writing = failureOf(store.write('key', 'value'));
    await asked;
    clock.advance(10_000);
    expect(await writing).toMatchObject(UNAVAILABLE);
    clock.advance(1_000);
    expect(await store.write('key', 'value')).toEqual(expect.any(String));
  });

  it('is fetched again if its request has ended, and with it even the timer for ten seconds', async () => {
    const inner = setUp();
    // As in a worker: what one request began dies with it.
    const clock = { ...inner.clock, after: () => () => {} };
    let fetches = 0;
    const key = (): Promise<Uint8Array> => {
      fetches += 1;
      return fetches === 1 ? new Promise(() => {}) : Promise.resolve(BYTES);
    };
    const store = encryptedStore(memoryStore({ clock }), { keys: [{ id: 'k1', key }], clock });
    void store.write('key', 'value');
    await inner.clock.settle(11_000);
    void store.write('key', 'value');
    await inner.clock.settle(0);
    expect(fetches).toBe(1);
    inner.clock.advance(1);
    expect(await store.write('key', 'value')).toEqual(expect.any(String));
    expect(fetches).toBe(2);
  });

  it('that is older is not fetched before an entry needs it', async () => {
    const key = (): never => {
      throw new Error('It was fetched.');
    };
    const store = setUp().with(keyOf('new'), { id: 'old', key });
    await store.write('key', 'value');
    expect(await store.read('key')).toMatchObject({ value: 'value' });
  });
});

describe('encryptedStore is misconfigured at once', () => {
  const good = keyOf('k1');
  const misconfigured = (message: string) =>
    expect.objectContaining({ code: 'misconfigured', operation: 'options', message: expect.stringContaining(message) });

  it.each<readonly [unknown, string]>([
    [[], 'at least one key'],
    [5, 'at least one key'],
    ['text', 'at least one key'],
    [undefined, 'at least one key'],
    [null, 'at least one key'],
    [[null], 'Item 1'],
    [[good, undefined], 'Item 2'],
    [['text'], 'Item 1'],
    [[good, keyOf('k1')], 'the id k1'],
    ...['', 'a b', 'x'.repeat(129), 'line\nbreak'].map((id) => [[{ ...good, id }], 'The id of an encryption key'] as const),
  ])('with the keys %j', (keys, message) => {
    // What a configuration in JavaScript may hold.
    expect(() => encryptedStore(memoryStore(), { keys: keys as readonly EncryptionKey[] })).toThrow(misconfigured(message));
  });

  it('without options', () => {
    expect(() => Reflect.apply(encryptedStore, undefined, [memoryStore()])).toThrow(misconfigured('at least one key'));
  });

  it.each([undefined, null, 'file', {}, { read: () => {} }])('given %j instead of a store', (store) => {
    expect(() => Reflect.apply(encryptedStore, undefined, [store, { keys: [good] }])).toThrow(misconfigured('encryptedStore(store'));
  });
});
