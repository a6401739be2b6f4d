import { inspect } from 'node:util';
import { type ConnectSession, memoryStore } from '@auth/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer, errorOf, openVendor, START, type Vendor, WAYS } from '../test/vendor.ts';
import type { FinicityConnectRequest, FinicityProvider } from './index.ts';

const HOUR = 3_600_000;
const redirectUri = 'https://app.example/callback';

describe.each(WAYS)('connect, %s', (way) => {
  let vendor: Vendor;
  let provider: FinicityProvider;
  let userId: string;
  beforeEach(async () => {
    vendor = await openVendor(way);
    provider = vendor.provider();
    userId = (await provider.users.create({ reference: 'customer-17' })).id;
  });
  afterEach(() => vendor.close());

  const start = (more: Partial<FinicityConnectRequest> = {}): Promise<ConnectSession> =>
    provider.connect.start({ userId, redirectUri, ...more });
  const callbackOf = async (response: Response): Promise<string> => {
    await response.body?.cancel();
    expect(response.status).toBe(302);
    return response.headers.get('location') ?? '';
  };
  const press = async ({ url }: ConnectSession, button: 'approve' | 'cancel'): Promise<string> =>
    callbackOf(await vendor.visit(`${url}&auto=${button}`));
  const accounts = async () => (await provider.api.getCustomerAccounts(userId, { as: provider.application })).accounts;

  describe('start', () => {
    it('resolves to a session whose page leads back with its state', async () => {
      const session = await start();
      expect(session).toEqual({
        url: expect.stringContaining('/connect?'),
        state: expect.stringMatching(/^[\w-]{43}$/),
        userId,
        redirectUri,
        expiresAt: START + 2 * HOUR,
      });
      expect(vendor.sent.at(-1)).toMatchObject({
        method: 'POST',
        path: '/connect/v2/generate',
        body: { partnerId: vendor.sandbox.credentials.partnerId, customerId: userId, redirectUri: `${redirectUri}?state=${session.state}` },
      });
      expect(JSON.parse(JSON.stringify(session))).toEqual(session);
    });

    it('sends every option that the vendor documents', async () => {
      const page = {
        experience: 'default',
        language: 'es',
        singleUseUrl: true,
        webhook: 'https://app.example/events',
        webhookContentType: 'application/json',
        webhookData: { order: '17' },
        webhookHeaders: { 'x-order': '17' },
        isHostedInMobileApp: true,
        isWebView: false,
      } as const;
      const report = {
        consumerId: '0bf46322c167b562e6cbed9d40e19a4c',
        reportCustomFields: [{ label: 'loanID', value: '123456', shown: false }],
        institutionSettings: { '102105': 'hidden' },
      };
      await start({ ...page, ...report, fromDate: START + 999, optionalConsumerInfo: { ssn: '999999999', dob: -86_400_000 } });
      expect(vendor.sent.at(-1)?.body).toMatchObject({
        ...page,
        ...report,
        fromDate: START / 1000,
        optionalConsumerInfo: { ssn: '999999999', dob: -86_400 },
      });
    });

    it('offers one bank where it is named', async () => {
      const session = await start({ institutionId: '102105', experience: 'default' });
      expect(vendor.sent.at(-1)).toMatchObject({
        path: '/connect/v2/generate/lite',
        body: { institutionId: '102105', experience: 'default' },
      });
      await provider.connect.complete(await press(session, 'approve'), session);
      expect(new Set((await accounts()).map(({ institutionId }) => institutionId))).toEqual(new Set(['102105']));
    });

    it('repairs a connection, which is named by the login of its accounts', async () => {
      const first = await start();
      await provider.connect.complete(await press(first, 'approve'), first);
      const connected = await accounts();
      const connectionId = connected[0]?.institutionLoginId ?? '';
      const session = await start({ connectionId });
      expect(vendor.sent.at(-1)).toMatchObject({ path: '/connect/v2/generate/fix', body: { institutionLoginId: connectionId } });
      expect(await provider.connect.complete(await press(session, 'approve'), session)).toEqual({ userId, connectionIds: [] });
      expect(await accounts()).toEqual(connected);
    });

    it.each([
      [{ connectionId: '1', institutionId: '2' }, 'not both'],
      [{ connectionId: '' }, 'institutionLoginId'],
      [{ connectionId: 'x' }, 'institutionLoginId'],
      [{ institutionId: '../17' }, 'digits'],
      [{ institutionId: '2', consumerId: 'a', fromDate: 1 }, 'consumerId, fromDate'],
      [{ connectionId: '2', optionalConsumerInfo: { ssn: '999999999' } }, 'optionalConsumerInfo'],
    ] as const)('refuses %j, and sends nothing', async (more, explanation) => {
      const before = vendor.sandbox.calls.length;
      const error = await errorOf(start(more));
      expect(error).toMatchObject({ code: 'invalid_request', operation: 'connect.start' });
      expect(error.message).toContain(explanation);
      expect(error.message).not.toContain('999999999');
      expect(vendor.sandbox.calls).toHaveLength(before);
    });

    it.each([
      ['callback', 'is no absolute URL'],
      ['http://app.example/callback', 'has to begin with https'],
      ['http://localhost.example/callback', 'has to begin with https'],
      ['myapp://callback', 'has to begin with https'],
      ['javascript:alert(1)', 'has to begin with https'],
      ['https://me:word@app.example/callback', 'must not contain credentials'],
      ['https://app.example/callback?a=b', 'must have neither query nor fragment'],
      ['https://app.example/callback?', 'must have neither query nor fragment'],
      ['https://app.example/callback#a', 'must have neither query nor fragment'],
    ])('refuses the redirect URI %j, and sends nothing', async (wrong, explanation) => {
      const before = vendor.sandbox.calls.length;
      const error = await errorOf(start({ redirectUri: wrong }));
      expect(error).toMatchObject({ code: 'invalid_request', operation: 'connect.start' });
      expect(error.message).toContain(explanation);
      expect(vendor.sandbox.calls).toHaveLength(before);
    });

    it.each(['http://localhost:3000/callback', 'http://127.0.0.1/callback', 'http://[::1]:3000/callback'])(
      'leads back to %s',
      async (loopback) => {
        const session = await start({ redirectUri: loopback });
        const callback = await press(session, 'approve');
        expect(callback).toContain(`${loopback}?state=`);
        expect(await provider.connect.complete(callback, session)).toMatchObject({ userId });
      },
    );

    it.each(['', 'me', '../17', '17?'])('never takes %j for a customer', async (wrong) => {
      expect(await errorOf(start({ userId: wrong }))).toMatchObject({ code: 'invalid_request', operation: 'connect.start' });
    });

    it.each([{ userId: '4711' }, { connectionId: '4711' }, { institutionId: '4711' }, { experience: 'mine' }])(
      'says what to check where the vendor makes no link for %j',
      async (more) => {
        const error = await errorOf(start(more));
        expect(error).toMatchObject({ code: 'invalid_request', operation: 'connect.start', vendorCode: '10010', status: 400 });
        expect(error.message).toContain('Check that this customer');
      },
    );

    it('renews a refused token once', async () => {
      vendor.sandbox.expireTokens();
      expect((await start()).userId).toBe(userId);
    });

    it.each([
      ['says', `timestamp=${START - HOUR}&ttl=${START}`, HOUR],
      ['says, by whatever clock', 'timestamp=0&ttl=60000', 60_000],
      ['would outlive what is known', `timestamp=0&ttl=${9 * HOUR}`, 2 * HOUR],
      ['does not say', 'customerId=1', 2 * HOUR],
      ['says backwards', 'timestamp=60000&ttl=0', 2 * HOUR],
      ['says unreadably', 'timestamp=a&ttl=b', 2 * HOUR],
      ['says by half', `ttl=${START}`, 2 * HOUR],
    ])('ends the session with the link as that %s', async (_, query, lifetime) => {
      vendor.sandbox.faults.add({ path: '/connect/v2/generate', reply: answer({ link: `https://connect2.finicity.com?${query}` }) });
      expect((await start()).expiresAt).toBe(START + lifetime);
    });

    it.each([{}, { link: '' }, { link: 'connect2.finicity.com' }, { link: 'javascript:alert(1)' }, { link: 17 }])(
      'does not take %j for a link',
      async (body) => {
        vendor.sandbox.faults.add({ path: '/connect/v2/generate', reply: answer(body) });
        expect(await errorOf(start())).toMatchObject({ code: 'invalid_response', operation: 'connect.start' });
      },
    );
  });

  describe('complete', () => {
    it('resolves to the customer after the bank was connected', async () => {
      const session = await start();
      expect(await accounts()).toEqual([]);
      expect(await provider.connect.complete(await press(session, 'approve'), session)).toEqual({ userId, connectionIds: [] });
      expect(await accounts()).not.toEqual([]);
    });

    it('works with the page as a person uses it', async () => {
      const session = await start();
      expect(await (await vendor.visit(session.url)).text()).toContain('name="decision"');
      const body = new URLSearchParams({ decision: 'approve', institutionId: '102105' });
      const callback = await callbackOf(await vendor.visit(session.url, { method: 'POST', body }));
      expect(await provider.connect.complete(callback, session)).toEqual({ userId, connectionIds: [] });
    });

    it('reads the callback as a server sees it', async () => {
      const session = await start();
      const { pathname, search } = new URL(await press(session, 'approve'));
      expect(await provider.connect.complete(pathname + search, session)).toMatchObject({ userId });
    });

    it('is consent_denied where the customer cancelled, and connects nothing', async () => {
      const session = await start();
      const error = await errorOf(provider.connect.complete(await press(session, 'cancel'), session));
      expect(error).toMatchObject({ code: 'consent_denied', operation: 'connect.complete', vendorCode: '100' });
      expect(await accounts()).toEqual([]);
    });

    it.each([
      ['', 'success'],
      ['&success=true&reasonCode=OK&type=voa&status=inProgress', 'success'],
      ['&code=200&reason=complete', 'success'],
      ['&success=true&code=&reason=&error=', 'success'],
      ['&reason=something+new', 'success'],
      ['&code=100&reason=exit', 'consent_denied'],
      ['&reason=exit', 'consent_denied'],
      ['&success=true&reason=EXIT', 'consent_denied'],
      ['&reason=cancel', 'consent_denied'],
      ['&error=access_denied', 'consent_denied'],
      ['&code=1440&reason=timeout', 'timeout'],
      ['&code=500&reason=error', 'unavailable'],
      ['&success=false', 'unavailable'],
      ['&success=true&success=false', 'unavailable'],
      ['&success=false&reason=exit', 'consent_denied'],
      ['&code=200&code=403', 'unavailable'],
      ['&error=server_error', 'unavailable'],
      ['&error=constructor', 'unavailable'],
    ])('takes the callback with %j for %s', async (query, outcome) => {
      const session = await start();
      const completed = provider.connect.complete(`${redirectUri}?state=${session.state}${query}`, session);
      if (outcome === 'success') expect(await completed).toEqual({ userId, connectionIds: [] });
      else expect(await errorOf(completed)).toMatchObject({ code: outcome, operation: 'connect.complete' });
    });

    it.each(['?success=true', '/?success=true'])(
      'finds the state where the vendor adds %j to a redirect URI with a query',
      async (added) => {
        const session = await start();
        expect(await provider.connect.complete(`${redirectUri}?state=${session.state}${added}`, session)).toMatchObject({ userId });
        const another = await start();
        const cancelled = `${redirectUri}?state=${another.state}${added.replace('success=true', 'code=100')}`;
        expect(await errorOf(provider.connect.complete(cancelled, another))).toMatchObject({ code: 'consent_denied' });
      },
    );

    it('refuses a callback about another customer', async () => {
      const session = await start();
      const callback = `${redirectUri}?state=${session.state}&success=true&customerId=4711`;
      expect(await errorOf(provider.connect.complete(callback, session))).toMatchObject({ code: 'invalid_response' });
    });

    it.each([
      ['none', () => 'success=true'],
      ['an empty one', () => 'state=&success=true'],
      ['a foreign one', () => `state=${'A'.repeat(43)}&success=true`],
      ['the beginning of it', (state: string) => `state=${state.slice(0, -1)}&success=true`],
      ['it twice', (state: string) => `state=${state}&state=${state}&success=true`],
      ['it beside a foreign one', (state: string) => `state=${state}&success=true&state=other`],
      ['a foreign one, and a cancellation', () => 'state=other&code=100&reason=exit'],
      ['none, and an error', () => 'code=500&reason=error'],
      ['it in the fragment', (state: string) => `success=true#state=${state}`],
    ])('is state_mismatch for a callback with %s, and leaves the session as it is', async (_, query) => {
      const session = await start();
      const attack = provider.connect.complete(`${redirectUri}?${query(session.state)}`, session);
      expect(await errorOf(attack)).toMatchObject({ code: 'state_mismatch', operation: 'connect.complete' });
      expect(await provider.connect.complete(await press(session, 'approve'), session)).toMatchObject({ userId });
    });

    it('is state_mismatch for the callback of another session', async () => {
      const [mine, other] = [await start(), await start()];
      expect(mine.state).not.toBe(other.state);
      expect(await errorOf(provider.connect.complete(await press(other, 'approve'), mine))).toMatchObject({ code: 'state_mismatch' });
    });

    it.each(['approve', 'cancel'] as const)('is state_mismatch for a callback that comes again after %s', async (button) => {
      const session = await start();
      const callback = await press(session, button);
      await provider.connect.complete(callback, session).catch(() => {});
      expect(await errorOf(provider.connect.complete(callback, session))).toMatchObject({ code: 'state_mismatch' });
    });

    it('is state_mismatch from the end of the session on', async () => {
      const [early, late] = [await start(), await start()];
      const callbacks = [await press(early, 'approve'), await press(late, 'approve')];
      vendor.clock.advance(early.expiresAt - vendor.clock.now() - 1);
      expect(await provider.connect.complete(callbacks[0] ?? '', early)).toMatchObject({ userId });
      vendor.clock.advance(late.expiresAt - vendor.clock.now());
      expect(await errorOf(provider.connect.complete(callbacks[1] ?? '', late))).toMatchObject({ code: 'state_mismatch' });
    });

    it('is done once where two providers share a store, and by one of many at once', async () => {
      const store = memoryStore();
      const [one, two] = [vendor.provider({ store }), vendor.provider({ store })];
      const session = await one.connect.start({ userId, redirectUri });
      const callback = await press(session, 'approve');
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) => (index % 2 ? one : two).connect.complete(callback, session)),
      );
      const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      expect(refusals).toHaveLength(19);
      for (const refusal of refusals) expect(refusal).toMatchObject({ code: 'state_mismatch' });
    });

    it('checks a session that another process started', async () => {
      const session: ConnectSession = JSON.parse(JSON.stringify(await start()));
      expect(await vendor.provider().connect.complete(await press(session, 'approve'), session)).toEqual({ userId, connectionIds: [] });
    });
  });

  it('lets no link, state or callback into an error', async () => {
    const session = await start({ singleUseUrl: true });
    const signature = new URL(session.url).searchParams.get('signature') ?? expect.fail('the link is not signed');
    vendor.sandbox.faults.add({ path: '/connect/v2/generate', reply: answer({ link: [session.url] }) });
    vendor.sandbox.faults.add({ path: '/connect/v2/generate', reply: answer({ code: session.url, message: session.url }, 400) });
    const errors = [
      await errorOf(start()),
      await errorOf(start()),
      await errorOf(provider.connect.complete(session.url, session)),
      await errorOf(provider.connect.complete(`/callback?state=${session.state}&code=${signature}&reason=${signature}`, session)),
      await errorOf(provider.connect.complete(`/callback?state=${session.state}`, session)),
    ];
    expect(errors.map(({ code }) => code)).toEqual([
      'invalid_response',
      'invalid_request',
      'state_mismatch',
      'unavailable',
      'state_mismatch',
    ]);
    for (const error of errors)
      for (const secret of [signature, session.state]) expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain(secret);
  });
});
