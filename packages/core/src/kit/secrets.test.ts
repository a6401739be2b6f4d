import { describe, expect, it } from 'vitest';
import { fingerprintOf, readSecret } from './secrets.ts';

describe('readSecret', () => {
  it.each([
    ['a text', 'secret'],
    ['a function', () => 'secret'],
    ['a function that takes its time', async () => 'secret'],
  ])('reads %s', async (_, source) => {
    expect(await readSecret(source)).toBe('secret');
  });

  it('asks a function each time', async () => {
    let version = 0;
    const source = (): string => {
      version += 1;
      return `secret ${version}`;
    };
    expect([await readSecret(source), await readSecret(source)]).toEqual(['secret 1', 'secret 2']);
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
