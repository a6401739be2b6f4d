import { AuthError } from '@auth/core';
import { expect, it } from 'vitest';
import { openVendor } from '../test/vendor.ts';

/** Any arguments: what JavaScript lets one write. */
type Untyped = Readonly<Record<string, (...given: readonly unknown[]) => Promise<unknown>>>;

it.each<[string, string, readonly unknown[], string]>([
  ['users', 'create', [], 'users.create takes an object: users.create({ reference }). Nothing was sent.'],
  ['users', 'create', ['customer-17'], 'users.create takes an object: users.create({ reference }). Nothing was sent.'],
  [
    'users',
    'create',
    [{}],
    'The reference becomes the username, so it must be a string and must have 6 to 255 characters. Nothing was sent.',
  ],
  ['users', 'find', [], 'The username is empty or not a string, which would match every customer. Nothing was sent.'],
  ['users', 'get', [7], 'A customer id must be a string: the digits that users.create returned.'],
  ['users', 'delete', [{ id: '7' }], 'A customer id must be a string: the digits that users.create returned.'],
  ['users', 'get', [Promise.resolve('7')], 'A customer id must be a string: the digits that users.create returned.'],
  ['connect', 'start', ['7'], 'connect.start takes an object: connect.start({ userId, redirectUri }). Nothing was sent.'],
  [
    'connect',
    'complete',
    [{ state: 'a' }, 'https://app.example/callback?state=a'],
    'connect.complete takes the URL of the callback, then the session: connect.complete(request.url, session). Nothing was sent.',
  ],
  ['webhooks', 'verify', ['{}'], 'webhooks.verify takes an object: webhooks.verify(rawBody, request.headers). Nothing was sent.'],
  ['secret', 'rotate', [], 'secret.rotate takes an object: secret.rotate({ vault }). Nothing was sent.'],
  ['secret', 'rotate', [{}], 'The vault must have the functions read and write: secret.rotate({ vault }). Nothing was sent.'],
  ['secret', 'recover', [new Map()], 'The vault must have the functions read and write: secret.recover({ vault }). Nothing was sent.'],
])('says what to write, and sends nothing, where JavaScript calls %s.%s(%j)', async (capability, name, given, message) => {
  const vendor = openVendor();
  const untyped = vendor.provider() as unknown as Readonly<Record<string, Untyped>>; // that is what is tested
  const error: unknown = await untyped[capability]?.[name]?.(...given).catch((reason: unknown) => reason);
  expect(AuthError.is(error, 'invalid_request') && error.message).toBe(message);
  expect([...vendor.sent, ...vendor.tokensSent]).toEqual([]);
});

it('takes a callback without a session for somebody else’s', async () => {
  const { connect } = openVendor().provider();
  const complete = connect.complete as unknown as (url: string) => Promise<unknown>; // the same
  await expect(complete('https://app.example/callback?state=a')).rejects.toMatchObject({ code: 'state_mismatch' });
});
