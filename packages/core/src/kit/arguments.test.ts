import { describe, expect, it } from 'vitest';
import { callbackArgument, objectArgument } from './arguments.ts';
import { errorsOf } from './errors-of.ts';

const fail = errorsOf('acme');
const messageOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_request', provider: 'acme' });
    return error instanceof Error ? error.message : error;
  }
};

describe('an argument that must be an object', () => {
  const TAKES = 'users.create takes an object: users.create({ reference }). Nothing was sent.';

  it.each([
    [undefined, TAKES],
    [null, TAKES],
    ['customer-17', TAKES],
    [() => {}, TAKES],
    [Promise.resolve({}), 'users.create was given a promise: await it first. Nothing was sent.'],
  ])('is told in a sentence that says what to write instead of %o', (given, message) => {
    expect(messageOf(() => objectArgument(given, 'users.create({ reference })', fail))).toBe(message);
  });

  it('is handed back', () => {
    const user = { reference: 'customer-17' };
    expect(objectArgument(user, 'users.create({ reference })', fail)).toBe(user);
  });
});

describe('the URL of a callback', () => {
  it('is a string or a URL', () => {
    const url = 'https://app.example/callback?state=a+b';
    expect([url, new URL(url)].map((given) => callbackArgument(given, 'connect.complete', fail))).toEqual([url, url]);
  });

  it.each([undefined, null, { state: 'a' }, new Request('https://app.example/')])('is told in a sentence instead of %o', (given) => {
    expect(messageOf(() => callbackArgument(given as never, 'connect.complete', fail))).toBe(
      'connect.complete takes the URL of the callback, then the session: connect.complete(request.url, session). Nothing was sent.',
    );
  });
});
