import { expect, it } from 'vitest';
import { findIn } from './leaks.ts';

const SECRET = 'hunter2-and-"more"/ä';

class Holder {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  get value(): string {
    return this.#value;
  }
}

const hidden = (value: unknown): object => Object.defineProperty({}, 'hidden', { value, enumerable: false });

it.each([
  ['a text', `it is ${SECRET}.`],
  ['a hidden member', hidden(SECRET)],
  ['a member of a member', { a: [{ b: hidden(SECRET) }] }],
  ['a symbol', { [Symbol(SECRET)]: 1 }],
  ['a value under a symbol', { [Symbol('a')]: SECRET }],
  ['a name', { [SECRET]: 1 }],
  ['a map', new Map([['a', { b: SECRET }]])],
  ['a set', new Set([SECRET])],
  ['headers', { sent: new Headers({ authorization: encodeURIComponent(SECRET) }) }],
  ['an accessor', new Holder(SECRET)],
  ['a URL', new URL(`https://acme.example/?secret=${encodeURIComponent(SECRET)}`)],
  ['a request', new Request(`https://acme.example/?secret=${encodeURIComponent(SECRET)}`)],
  ['bytes', { body: new TextEncoder().encode(SECRET) }],
  ['the cause of an error', new Error('failed', { cause: new Error(SECRET) })],
  ['the stack of an error', new Error(SECRET)],
  ['a member of a function', Object.assign(() => {}, { secret: SECRET })],
  ['JSON in a text', JSON.stringify({ a: SECRET })],
  ['base64', Buffer.from(SECRET).toString('base64')],
  ['a proxy for JSON', { toJSON: () => ({ secret: SECRET }) }],
])('finds a secret in %s', (_, value) => {
  expect(findIn(value, ['something else', SECRET])).toBeTypeOf('string');
});

it('finds nothing where nothing is', () => {
  const value: Record<string, unknown> = { a: [1, null, undefined, 'hunter'], secret: () => SECRET, error: new Error('failed') };
  value['itself'] = value;
  expect(findIn(value, ['no-such-text'])).toBeUndefined();
});
