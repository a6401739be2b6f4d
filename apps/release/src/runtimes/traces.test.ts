import { beforeEach, describe, expect, it, vi } from 'vitest';

const { leaksIn, textsOf } = await import(new URL('program/traces.js', import.meta.url).href);
const SECRET = 'a-secret-of-the-vendor';

const hasSecret = (value: unknown): boolean => leaksIn(textsOf(value), [SECRET]).length > 0;

describe('a secret, where the runtime has no inspections', () => {
  const { process } = globalThis;

  beforeEach(() => {
    vi.stubGlobal('process', { ...process, getBuiltinModule: undefined });
    return () => vi.unstubAllGlobals();
  });

  it.each([
    ['a property', { inner: { value: SECRET } }],
    ['a name of a property', { [SECRET]: 1 }],
    ['a property that is not listed', Object.defineProperty({}, 'hidden', { value: SECRET })],
    ['the message of an error', new Error(SECRET)],
    ['a value of a Map', { inner: new Map([['key', { value: SECRET }]]) }],
    ['a key of a Map', { inner: new Map([[{ value: SECRET }, 1]]) }],
    ['a Set', { inner: new Set([new Set([SECRET])]) }],
    ['headers', { inner: new Headers({ authorization: `Bearer ${SECRET}` }) }],
    ['the parameters of an address', { inner: new URLSearchParams({ code: SECRET }) }],
    ['base64', { inner: new Map([['entry', `a.${btoa(SECRET)}`]]) }],
  ])('is found in %s', (_, value) => {
    expect(hasSecret(value)).toBe(true);
  });

  it('is not found where there is none, though a Map leads to itself', () => {
    const around = new Map<string, unknown>([['key', 'value']]);
    expect(hasSecret(around.set('self', around))).toBe(false);
  });
});
