import { AuthError, memoryStore, type Store } from '@auth/core';
import { base64url } from 'jose';
import { describe, expect, it } from 'vitest';
import { failureOf, keyOf, setUp } from '../test/setup.ts';
import { type EncryptedStoreOptions, type EncryptionKey, encryptedStore, type KeyMaterial } from './index.ts';

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

  it.each(WRONG)('%s is misconfigured at once, and not shown', (_, key) => {
    // What a configuration in JavaScript may hold.
    const error = refusalOf([{ id: 'k1', key: key as KeyMaterial }]);
    expect(error).toMatchObject({ code: 'misconfigured', operation: 'options' });
    expect(error.message).toContain('k1');
    for (const part of ['c0ffee', TEXT.slice(0, 6), 'AAAAAA']) expect(error.message + error.stack).not.toContain(part);
  });

  it.each(WRONG)('%s that a function gives is misconfigured at the first use', async (_, key) => {
    const store = setUp().with({ id: 'k1', key: () => key as KeyMaterial });
    expect(await failureOf(store.write('key', 'value'))).toMatchObject({ code: 'misconfigured' });
  });

  it('may be overwritten by its owner after it was given', async () => {
    const stores = setUp();
    const mine = BYTES.slice();
    const store = stores.with({ id: 'k1', key: mine });
    mine.fill(0);
    await store.write('key', 'value');
    expect(await stores.with({ id: 'k1', key: BYTES }).read('key')).toMatchObject({ value: 'value' });
  });

  it('is fetched once, at the first use', async () => {
    let fetches = 0;
    const key = async (): Promise<Uint8Array> => {
      fetches += 1;
      return BYTES;
    };
    const store = setUp().with({ id: 'k1', key });
    expect(fetches).toBe(0);
    await Promise.all(Array.from({ length: 10 }, (_, index) => store.write(`key-${index}`, 'value')));
    await store.read('key-1');
    expect(fetches).toBe(1);
  });

  it('that cannot be fetched makes the store unavailable, and is asked for again after a second', async () => {
    const stores = setUp();
    let fetches = 0;
    const key = async (): Promise<Uint8Array> => {
      fetches += 1;
      if (fetches === 1) throw new Error('planted-secret');
      return BYTES;
    };
    const store = stores.with({ id: 'k1', key });
    const error = await failureOf(store.write('key', 'value'));
    expect(error).toMatchObject({ code: 'store_unavailable' });
    expect(error.message + error.stack).not.toContain('planted-secret');
    stores.clock.advance(999);
    expect(await failureOf(store.write('key', 'value'))).toMatchObject({ code: 'store_unavailable' });
    expect(fetches).toBe(1);
    stores.clock.advance(1);
    expect(await store.write('key', 'value')).toEqual(expect.any(String));
  });

  it('that a function gives and is none never looks like an outage, however soon somebody asks again', async () => {
    const stores = setUp();
    let fetches = 0;
    const key = (): Uint8Array => {
      fetches += 1;
      return BYTES.slice(1);
    };
    const store = stores.with({ id: 'k1', key });
    for (let time = 0; time < 3; time += 1)
      expect(await failureOf(store.read('key').then(() => store.write('key', 'value')))).toMatchObject({ code: 'misconfigured' });
    expect(fetches).toBe(1);
  });

  it('whose function never answers makes the store unavailable after ten seconds, and is asked for again', async () => {
    const stores = setUp();
    let fetches = 0;
    const asked = Promise.withResolvers<void>();
    const key = (): Uint8Array | Promise<never> => {
      fetches += 1;
      asked.resolve();
      return fetches === 1 ? new Promise(() => {}) : BYTES;
    };
    const store = stores.with({ id: 'k1', key });
    const writing = failureOf(store.write('key', 'value'));
    await asked.promise;
    stores.clock.advance(10_000);
    expect(await writing).toMatchObject({ code: 'store_unavailable' });
    stores.clock.advance(1_000);
    expect(await store.write('key', 'value')).toEqual(expect.any(String));
  });

  it('that is older is not fetched before an entry needs it', async () => {
    const stores = setUp();
    const key = (): never => {
      throw new Error('It was fetched.');
    };
    const store = stores.with(keyOf('new'), { id: 'old', key });
    await store.write('key', 'value');
    expect(await store.read('key')).toBeDefined();
  });
});

describe('a list of keys', () => {
  it('that is empty is misconfigured', () => {
    expect(refusalOf([])).toMatchObject({ code: 'misconfigured' });
  });

  it.each([[[null]], [[undefined]], [['text']], [5], ['text'], [undefined], [null]])('that is %j is misconfigured', (keys) => {
    // What a configuration in JavaScript may hold.
    expect(() => encryptedStore(memoryStore(), { keys: keys as unknown as readonly EncryptionKey[] })).toThrow(
      expect.objectContaining({ code: 'misconfigured', operation: 'options' }),
    );
  });

  it('with an id twice is misconfigured', () => {
    expect(refusalOf([keyOf('k1'), keyOf('k1')])).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('k1') });
  });

  it.each(['', 'a b', 'x'.repeat(129), 'line\nbreak'])('with the id %j is misconfigured', (id) => {
    expect(refusalOf([{ ...keyOf('k1'), id }])).toMatchObject({ code: 'misconfigured' });
  });
});

describe('encryptedStore', () => {
  it.each([undefined, null, 'file', {}, { read: () => {} }])('given %j instead of a store is misconfigured at once', (store) => {
    expect(() => encryptedStore(store as unknown as Store, { keys: [keyOf('k1')] })).toThrow(
      expect.objectContaining({ code: 'misconfigured', message: expect.stringContaining('encryptedStore(store') }),
    );
  });

  it('without options is misconfigured at once', () => {
    expect(() => encryptedStore(memoryStore(), undefined as unknown as EncryptedStoreOptions)).toThrow(
      expect.objectContaining({ code: 'misconfigured' }),
    );
  });
});
