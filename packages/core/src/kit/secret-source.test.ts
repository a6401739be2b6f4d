import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../../test/rejection-of.ts';
import { fingerprintOf, readSecret } from './secret-source.ts';

const name = { provider: 'acme', option: 'clientSecret (ACME_CLIENT_SECRET)' };

describe('readSecret', () => {
  it('reads a text, or a function, which may take its time and is asked each time', async () => {
    const versions = ['secret 1', 'secret 2', 'secret 3'].values();
    const next = (): string => versions.next().value ?? '';
    const secrets = [await readSecret('a secret', name), await readSecret(next, name), await readSecret(async () => next(), name)];
    expect([...secrets, await readSecret(next, name)]).toEqual(['a secret', 'secret 1', 'secret 2', 'secret 3']);
  });

  it.each([
    ['throws', () => Promise.reject(new TypeError('hunter2')), 'unavailable', 'failed with TypeError'],
    [
      'throws what has a secret in its name',
      () => Promise.reject(Object.assign(new Error(), { name: 'Request to https://vault.example/?secret=hunter2 failed' })),
      'unavailable',
      'failed with Error',
    ],
    ['throws a text', () => Promise.reject('hunter2'), 'unavailable', 'failed with string'],
    ['gives nothing', () => undefined, 'misconfigured', 'returned no secret'],
    ['gives a space', () => ' ', 'misconfigured', 'returned no secret'],
    ['gives a number', () => 7, 'misconfigured', 'returned no secret'],
  ])('says which option has a function that %s, and not what it said', async (_, source, code, what) => {
    const error = await rejectionOf(readSecret(source as () => string, name)); // what JavaScript callers do
    const message = `The function for clientSecret (ACME_CLIENT_SECRET) ${what}. Nothing was sent.`;
    expect(error).toMatchObject({ code, provider: 'acme', message });
  });
});

describe('a secret with white space around it', () => {
  it.each(['hunter2\n', ' hunter2', 'hunter2\r\n', '\thunter2'])('is told before anything is sent: %j', async (secret) => {
    for (const source of [secret, () => secret]) {
      const error = await rejectionOf(readSecret(source, name));
      expect(error).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('begins or ends with white space') });
      expect(String(error)).not.toContain('hunter2');
    }
  });

  it('is not refused for spaces inside it', async () => {
    expect(await readSecret('hunter 2', name)).toBe('hunter 2');
  });
});

describe('fingerprintOf', () => {
  it('is the same for the same parts and contains none of them', async () => {
    const print = await fingerprintOf('partner', 'hunter2');
    expect(print).toBe(await fingerprintOf('partner', 'hunter2'));
    expect(print).toMatch(/^[\w-]{43}$/);
  });

  it('differs for every other way to cut the same text', async () => {
    const prints = await Promise.all(
      [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', ''], ['', 'abc'], ['a","bc']].map((parts) => fingerprintOf(...parts)),
    );
    expect(new Set(prints).size).toBe(prints.length);
  });
});
