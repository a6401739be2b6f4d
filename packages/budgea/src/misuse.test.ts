import { AuthError } from '@auth/core';
import { expect, it } from 'vitest';
import { openVendor } from '../test/setup.ts';

/** Any arguments: what JavaScript lets one write. */
type Untyped = Readonly<Record<string, (...given: readonly unknown[]) => Promise<unknown>>>;

const NO_ID = 'This is not a user id. Pass the string of digits that users.create returned; me and all are for provider.api only.';

it.each<[string, string, readonly unknown[], string]>([
  ['users', 'create', [], 'users.create takes an object: users.create({ reference }). Nothing was sent.'],
  ['users', 'create', ['customer-17'], 'users.create takes an object: users.create({ reference }). Nothing was sent.'],
  ['users', 'create', [{}], 'The reference must be a string. Nothing was sent.'],
  ['users', 'get', [7], NO_ID],
  ['users', 'delete', [{ id: '7' }], NO_ID],
  ['users', 'get', [Promise.resolve('7')], NO_ID],
  ['connect', 'start', ['7'], 'connect.start takes an object: connect.start({ userId, redirectUri }). Nothing was sent.'],
  ['connect', 'startAnonymous', [], 'connect.startAnonymous takes an object: connect.startAnonymous({ redirectUri }). Nothing was sent.'],
  ['connect', 'manage', [], 'connect.manage takes an object: connect.manage({ userId, redirectUri }). Nothing was sent.'],
  [
    'connect',
    'complete',
    [{ state: 'a' }, 'https://app.example/callback?state=a'],
    'connect.complete takes the URL of the callback, then the session: connect.complete(request.url, session). Nothing was sent.',
  ],
  [
    'webhooks',
    'verify',
    ['{}'],
    'webhooks.verify takes an object: webhooks.verify(rawBody, request.headers, { path, secret }). Nothing was sent.',
  ],
  [
    'webhooks',
    'verify',
    ['{}', {}],
    'webhooks.verify takes an object: webhooks.verify(rawBody, request.headers, { path, secret }). Nothing was sent.',
  ],
  ['codes', 'exchange', ['code'], 'codes.exchange takes an object: codes.exchange(code, { redirectUri }). Nothing was sent.'],
  ['codes', 'exchange', [undefined, { redirectUri: null }], 'The code is missing or is not a string. Nothing was sent.'],
])('says what to write, and sends nothing, where JavaScript calls %s.%s(%j)', async (capability, name, given, message) => {
  const vendor = openVendor();
  const untyped = vendor.provider() as unknown as Readonly<Record<string, Untyped>>; // that is what is tested
  const error: unknown = await untyped[capability]?.[name]?.(...given).catch((reason: unknown) => reason);
  expect(AuthError.is(error, 'invalid_request') && error.message).toBe(message);
  expect(vendor.sent).toEqual([]);
});
