import { AuthError, authorizedFetch, type Fetch } from '@auth/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atOnce, brokenStore, errorOf, openStore, openVendor, permanent, VENDORS, type Vendor } from '../test/setup.ts';
import type { BudgeaProvider } from './index.ts';

const reference = 'customer-17';

describe.each(VENDORS)('users, $profile $way', ({ profile, way }) => {
  let vendor: Vendor;
  let provider: BudgeaProvider;
  beforeEach(async () => {
    vendor = await openVendor({ profile, way });
    provider = vendor.provider();
  });
  afterEach(() => vendor.close());

  const tokenCalls = (): number => vendor.calls('POST', 'auth/renew') + vendor.calls('POST', 'auth/jwt');

  describe('create', () => {
    it('resolves to the id of a permanent user', async () => {
      expect(await provider.users.create({ reference })).toEqual({ id: '1', createdAt: null });
      vendor.clock.advance(365 * 86_400_000);
      expect(await provider.users.get('1')).toMatchObject({ id: '1' });
    });

    it('keeps the token, so that 200 concurrent calls need no other', async () => {
      const { id } = await provider.users.create({ reference });
      const responses = await atOnce(200, () => authorizedFetch(provider.asUser(id))('users/me/connections'));
      expect(responses.every(({ status }) => status === 200)).toBe(true);
      expect(tokenCalls()).toBe(0);
      expect(vendor.sandbox.calls).toHaveLength(201);
    });

    it('keeps the token in the store before it resolves', async () => {
      const store = openStore();
      const { id } = await vendor.provider({ store }).users.create({ reference });
      expect(await vendor.provider({ store }).users.get(id)).toMatchObject({ id });
      expect(tokenCalls()).toBe(0);
    });

    it('sends nothing of the reference, as users have no name here', async () => {
      await provider.users.create({ reference });
      expect(JSON.stringify(vendor.sent)).not.toContain(reference);
    });

    it('creates another user each time', async () => {
      const users = await atOnce(3, () => provider.users.create({ reference }));
      expect(new Set(users.map(({ id }) => id)).size).toBe(3);
    });

    it('asks the vendor for the id where the answer lacks it', async () => {
      const { id } = await provider.users.create({ reference });
      const { value } = await provider.asUser(id).token();
      const body = JSON.stringify({ auth_token: value, type: 'permanent' });
      vendor.sandbox.faults.add({ reply: { kind: 'status', status: 200, body } });

      const other = vendor.provider();
      expect(await other.users.create({ reference })).toEqual({ id, createdAt: null });
      expect(vendor.calls('GET', 'users/me')).toBe(1);
      expect(await other.asUser(id).token()).toMatchObject({ value });
      expect(tokenCalls()).toBe(0);
    });

    it('is outcome_unknown when the vendor does not answer what id it made, as another try makes another user', async () => {
      const body = JSON.stringify({ auth_token: 'abc', type: 'permanent' });
      vendor.sandbox.faults.add({ path: '/2.0/auth/init', reply: { kind: 'status', status: 200, body } });
      vendor.sandbox.faults.add({ path: '/2.0/users/me', reply: { kind: 'status', status: 503 } });
      const error = await errorOf(provider.users.create({ reference }));
      expect(error).toMatchObject({ code: 'outcome_unknown', retryable: false, operation: 'users.create', status: 503 });
    });

    it('is outcome_unknown when the answer is lost, after one call', async () => {
      vendor.sandbox.faults.add({ path: '/2.0/auth/init', reply: { kind: 'lost' } });
      expect(await errorOf(provider.users.create({ reference }))).toMatchObject({ code: 'outcome_unknown', retryable: false });
      expect(vendor.sandbox.calls.map(({ path }) => path)).toEqual(['/2.0/auth/init']);
    });

    it('resolves although the store is down', async () => {
      const fragile = vendor.provider({ store: brokenStore });
      const { id } = await fragile.users.create({ reference });
      expect(await fragile.users.get(id)).toMatchObject({ id });
      expect(tokenCalls()).toBe(0);
    });

    const wrongKey = (): Promise<never> =>
      Promise.reject(new AuthError('The key is wrong.', { code: 'misconfigured', provider: 'acme', operation: 'store' }));

    it('sends nothing while the store is misconfigured', async () => {
      const fragile = vendor.provider({ store: { read: wrongKey, write: wrongKey } });
      expect(await errorOf(fragile.users.create({ reference }))).toMatchObject({ code: 'misconfigured', operation: 'users.create' });
      expect(vendor.sent).toHaveLength(0);
    });

    it('resolves although the store turns out to be misconfigured afterwards, as the user is there', async () => {
      const store = openStore();
      const write: typeof store.write = (...entry) => (vendor.sent.length > 0 ? wrongKey() : store.write(...entry));
      const fragile = vendor.provider({ store: { read: store.read, write } });
      expect(await fragile.users.create({ reference })).toEqual({ id: '1', createdAt: null });
      expect(vendor.calls('POST', 'auth/init')).toBe(1);
    });

    it('resolves although the token has ended already, as the user is there', async () => {
      const body = JSON.stringify({ auth_token: 'abc', type: 'temporary', id_user: 7, expires_in: 0 });
      vendor.sandbox.faults.add({ reply: { kind: 'status', status: 200, body } });
      expect(await provider.users.create({ reference })).toMatchObject({ id: '7' });
    });

    it('reads the client secret again each time', async () => {
      let secret = 'wrong';
      const changing = vendor.provider({ clientSecret: async () => secret });
      expect(await errorOf(changing.users.create({ reference }))).toMatchObject({ code: 'invalid_credentials', operation: 'users.create' });
      secret = vendor.sandbox.credentials.clientSecret;
      expect(await changing.users.create({ reference })).toMatchObject({ id: '1' });
    });

    it('costs one attempt in all when the client secret is wrong, whatever uses it', async () => {
      const wrong = vendor.provider({ clientSecret: 'wrong' });
      const errors = [
        ...(await atOnce(20, () => errorOf(wrong.users.create({ reference })))),
        await errorOf(wrong.codes.exchange('abc', { redirectUri: null })),
        await errorOf(wrong.userTokens.issue('1')),
        await errorOf(wrong.userTokens.issue('1', { grant: 'jwt' })),
        await errorOf(wrong.serviceTokens.issue({ scopes: ['payments'] })),
        await errorOf(wrong.asUser('1').token()),
      ];
      expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['invalid_credentials']));
      expect(errors.slice(19).map(({ operation }) => operation)).toEqual([
        'users.create',
        'codes.exchange',
        'userTokens.issue',
        'userTokens.issue',
        'serviceTokens.issue',
        'asUser.token',
      ]);
      expect(vendor.sandbox.calls).toHaveLength(1);
    });

    it('costs one attempt in all processes that share a store', async () => {
      const store = openStore();
      const processes = Array.from({ length: 5 }, () => vendor.provider({ store, clientSecret: 'wrong' }));
      const work = Promise.all(processes.map((process) => errorOf(process.users.create({ reference }))));
      let isDone = false;
      void work.then(() => {
        isDone = true;
      });
      while (!isDone) await vendor.clock.settle(100);
      expect((await work).map(({ code }) => code)).toEqual(processes.map(() => 'invalid_credentials'));
      expect(vendor.sandbox.calls).toHaveLength(1);
    });

    it('is not stopped by a code that somebody brought', async () => {
      vendor.sandbox.faults.add({
        path: '/2.0/auth/token/access',
        times: 5,
        reply: { kind: 'status', status: 403, body: JSON.stringify({ code: 'somethingElse' }) },
      });
      for (const code of ['a', 'b', 'c', 'd', 'e'])
        expect(await errorOf(provider.codes.exchange(code, { redirectUri: null }))).toMatchObject({ code: 'invalid_token' });
      expect(await provider.users.create({ reference })).toMatchObject({ id: '1' });
    });

    it('counts the life of a temporary token from before the request', async () => {
      const { clock } = vendor;
      const slow: Fetch = async (input, init) => {
        clock.advance(5000);
        return (vendor.options.fetch ?? expect.fail())(input, init);
      };
      const body = JSON.stringify({ auth_token: 'abc', type: 'temporary', id_user: 1, expires_in: 1800 });
      vendor.sandbox.faults.add({ reply: { kind: 'status', status: 200, body } });
      const before = clock.now();
      const late = vendor.provider({ fetch: slow });
      await late.users.create({ reference });
      expect(await late.asUser('1').token()).toEqual({ value: 'abc', issuedAt: before, expiresAt: before + 1_800_000 });
    });

    it('sends nothing for a signal that has aborted', async () => {
      expect(await errorOf(provider.users.create({ reference }, { signal: AbortSignal.abort() }))).toMatchObject({ code: 'aborted' });
      expect(vendor.sent).toHaveLength(0);
    });
  });

  describe('get', () => {
    it.each([
      ['winter', '2026-01-15T12:00:00Z'],
      ['summer', '2026-07-15T12:00:00Z'],
      ['the night before the spring change', '2026-03-29T00:59:59Z'],
      ['the night after the spring change', '2026-03-29T01:00:00Z'],
      ['the hour before the autumn change', '2026-10-25T00:30:00Z'],
      ['the night after the autumn change', '2026-10-25T02:00:00Z'],
    ])('says when a user of %s was created', async (_, moment) => {
      vendor.clock.advance(Date.parse(moment) - vendor.clock.now());
      const { id } = await provider.users.create({ reference });
      vendor.clock.advance(200 * 86_400_000);
      expect(await provider.users.get(id)).toEqual({ id, createdAt: Date.parse(moment) });
    });

    it.each([
      ['left out', {}],
      ['null', { signin: null }],
      ['not a date', { signin: 'yesterday' }],
    ])('does not say when, if that is %s', async (_, signin) => {
      await provider.userTokens.adopt('1', permanent('abc'));
      vendor.sandbox.faults.add({ reply: { kind: 'status', status: 200, body: JSON.stringify({ id: 1, ...signin }) } });
      expect(await provider.users.get('1')).toEqual({ id: '1', createdAt: null });
    });

    it('rejects with not_found for an unknown id', async () => {
      expect(await errorOf(provider.users.get('4711'))).toMatchObject({ code: 'not_found', status: 404 });
    });

    it('rejects with not_found for a user that was deleted elsewhere', async () => {
      const { id } = await provider.users.create({ reference });
      await vendor.provider().users.delete(id);
      expect(await errorOf(provider.users.get(id))).toMatchObject({ code: 'not_found' });
    });

    it('makes a token first for a user without one', async () => {
      const { id } = await provider.users.create({ reference });
      expect(await vendor.provider().users.get(id)).toMatchObject({ id });
      expect(tokenCalls()).toBe(1);
    });
  });

  describe('delete', () => {
    it('says whether there was a user, and does it twice without harm', async () => {
      const { id } = await provider.users.create({ reference });
      expect(await provider.users.delete(id)).toEqual({ existed: true });
      expect(await provider.users.delete(id)).toEqual({ existed: false });
      expect(await errorOf(provider.users.get(id))).toMatchObject({ code: 'not_found' });
    });

    it('deletes this user only', async () => {
      const [one, other] = [await provider.users.create({ reference }), await provider.users.create({ reference })];
      await provider.users.delete(one.id);
      expect(await provider.users.get(other.id)).toMatchObject({ id: other.id });
    });

    it('forgets the token, here and in the store', async () => {
      const store = openStore();
      const keeping = vendor.provider({ store });
      const { id } = await keeping.users.create({ reference });
      await keeping.users.delete(id);
      expect(keeping.asUser(id).peek()).toBeUndefined();
      expect(store.written.at(-1)).toMatchObject({ value: undefined });
      expect(await errorOf(vendor.provider({ store }).asUser(id).token())).toMatchObject({ code: 'not_found' });
    });

    it('says that nobody existed where the user was deleted elsewhere', async () => {
      const { id } = await provider.users.create({ reference });
      await vendor.provider().users.delete(id);
      expect(await provider.users.delete(id)).toEqual({ existed: false });
    });

    it('deletes a user whose token the vendor had ended', async () => {
      const { id } = await provider.users.create({ reference });
      vendor.sandbox.expireTokens();
      expect(await provider.users.delete(id)).toEqual({ existed: true });
    });

    it('keeps the token when the vendor fails, and when a gateway says 404', async () => {
      const { id } = await provider.users.create({ reference });
      for (const status of [503, 404]) {
        vendor.sandbox.faults.add({ method: 'DELETE', reply: { kind: 'status', status, body: '<html></html>' } });
        expect(await errorOf(provider.users.delete(id))).toMatchObject({ code: 'unavailable', status });
      }
      expect(provider.asUser(id).peek()).toBeDefined();
      expect(await provider.users.delete(id)).toEqual({ existed: true });
    });
  });

  it.each(['me', 'all', '', '0', '01', '1/..', '..', ' 1', '1\n', '-1', '1e1', '１', '9007199254740993'])(
    'never take %j for a user, and send nothing',
    async (userId) => {
      for (const operation of ['get', 'delete'] as const)
        expect(await errorOf(provider.users[operation](userId))).toMatchObject({
          code: 'invalid_request',
          operation: `users.${operation}`,
          provider: 'budgea',
        });
      expect(vendor.sent).toHaveLength(0);
    },
  );
});

describe('users, with nobody at the port', () => {
  it('are unavailable rather than outcome_unknown, as nothing was sent', async () => {
    const vendor = await openVendor({ profile: 'powens', way: 'over HTTP' });
    await vendor.close();
    expect(await errorOf(vendor.provider().users.create({ reference }))).toMatchObject({ code: 'unavailable', retryable: true });
    expect(vendor.sandbox.calls).toHaveLength(0);
  });
});
