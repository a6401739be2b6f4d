import { inspect } from 'node:util';
import type { ConnectSession, Fetch } from '@auth/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { PAGE, REPORT } from '../test/parameters.ts';
import { answer, errorOf, HOUR, openVendor, SECOND, START, type Vendor } from '../test/vendor.ts';
import type { FinicityConnectRequest, FinicityProvider } from './index.ts';

const redirectUri = 'https://app.example/callback';
const LINK = '/connect/v2/generate';

let vendor: Vendor;
let provider: FinicityProvider;
let userId: string;
beforeEach(async () => {
  vendor = openVendor();
  provider = vendor.provider();
  userId = (await provider.users.create({ reference: 'customer-17' })).id;
});

const start = (more: Partial<FinicityConnectRequest> = {}): Promise<ConnectSession> =>
  provider.connect.start({ userId, redirectUri, ...more });
describe('start', () => {
  it('resolves to a session whose page leads back with its state, after a refused token was renewed', async () => {
    vendor.sandbox.expireTokens();
    const session = await start();
    expect(session).toEqual({
      url: expect.stringContaining('/connect?'),
      state: expect.stringMatching(/^[\w-]{43}$/),
      userId,
      redirectUri,
      expiresAt: START + 2 * HOUR,
    });
    const { partnerId } = vendor.sandbox.credentials;
    const body = { partnerId, customerId: userId, redirectUri: `${redirectUri}?state=${session.state}` };
    expect(vendor.sent.at(-1)).toMatchObject({ method: 'POST', path: LINK, body });
    expect(vendor.sent.at(-1)?.body).toEqual(body);
  });

  it('counts the life of the session from before the request, however slow the answer is', async () => {
    const slow: Fetch = async (input, init) => {
      const response = await vendor.sandbox.fetch(input, init);
      vendor.clock.advance(10 * SECOND);
      return response;
    };
    const { expiresAt } = await vendor.provider({ fetch: slow }).connect.start({ userId, redirectUri });
    expect(expiresAt).toBe(START + 2 * HOUR);
  });

  it('sends its own partner and waits for its own signal, whatever else the request has', async () => {
    await start({ language: 'es', ...{ partnerId: '1', signal: {}, as: null } });
    expect(vendor.sent.at(-1)?.body).toMatchObject({ partnerId: vendor.sandbox.credentials.partnerId });
  });

  it('sends every option that the vendor documents', async () => {
    await start({ ...PAGE, ...REPORT, fromDate: START, optionalConsumerInfo: { ssn: '999999999', dob: 0 } });
    const moments = { fromDate: START / 1000, optionalConsumerInfo: { ssn: '999999999', dob: 0 } };
    expect(vendor.sent.at(-1)?.body).toMatchObject({ ...PAGE, ...REPORT, ...moments });
  });

  it.each([
    ['offers one bank where it is named', 'lite', { institutionId: '102105' }, { institutionId: '102105' }],
    ['repairs a connection where its login is named', 'fix', { connectionId: '17' }, { institutionLoginId: '17' }],
  ])('%s', async (_, variant, more, named) => {
    vendor.sandbox.faults.add({ path: `${LINK}/${variant}`, reply: answer({ link: 'https://connect2.finicity.com' }) });
    const { state } = await start({ ...more, ...PAGE });
    const { partnerId } = vendor.sandbox.credentials;
    const body = { partnerId, customerId: userId, redirectUri: `${redirectUri}?state=${state}`, ...PAGE, ...named };
    expect(vendor.sent.at(-1)).toMatchObject({ path: `${LINK}/${variant}`, body });
    expect(vendor.sent.at(-1)?.body).toEqual(body);
  });

  it.each([
    [{ connectionId: '1', institutionId: '2' }, 'not both'],
    [{ connectionId: '' }, 'institutionLoginId'],
    [{ connectionId: 'x' }, 'institutionLoginId'],
    [{ institutionId: '../17' }, 'institutionId must consist of digits'],
    [{ institutionId: '' }, 'institutionId must consist of digits'],
    [{ institutionId: '2', consumerId: 'a', fromDate: 1 }, 'accept consumerId, fromDate.'],
    [{ institutionId: '2', reportCustomFields: [] }, 'accept reportCustomFields.'],
    [{ connectionId: '2', institutionSettings: {} }, 'accept institutionSettings.'],
    [{ connectionId: '2', optionalConsumerInfo: { ssn: '999999999' } }, 'accept optionalConsumerInfo.'],
    [{ redirectUri: 'callback' }, 'is no absolute URL'],
    [{ redirectUri: 'myapp://callback' }, 'has to begin with https'],
    ...['', 'me', '../17', '17?'].map((wrong) => [{ userId: wrong }, 'digits that users.create returned'] as const),
  ] as const)('refuses %j, and sends nothing', async (more, explanation) => {
    const before = vendor.sandbox.calls.length;
    const error = await errorOf(start(more));
    expect(error).toMatchObject({ code: 'invalid_request', operation: 'connect.start', message: expect.stringContaining(explanation) });
    expect(error.message).not.toContain('999999999');
    expect(vendor.sandbox.calls).toHaveLength(before);
  });

  it.each([{ userId: '4711' }, { connectionId: '4711' }, { institutionId: '4711' }, { experience: 'mine' }])(
    'says what to check where the vendor makes no link for %j',
    async (more) => {
      const error = await errorOf(start(more));
      expect(error).toMatchObject({ code: 'invalid_request', operation: 'connect.start', vendorCode: '10010', status: 400 });
      expect(error.message).toContain('Check that this customer');
    },
  );

  it('says nothing of the customer where the vendor refuses for another reason', async () => {
    vendor.sandbox.faults.add({ path: LINK, reply: { kind: 'error', error: 'badRequest' } });
    const error = await errorOf(start());
    expect(error).toMatchObject({ code: 'invalid_request', operation: 'connect.start', vendorCode: '14020' });
    expect(error.message).not.toContain('this customer');
  });

  it.each([
    ['says', `timestamp=${START - HOUR}&ttl=${START}`, HOUR],
    ['says, by whatever clock', 'timestamp=0&ttl=60000', 60_000],
    ['would outlive what is known', `timestamp=0&ttl=${9 * HOUR}`, 2 * HOUR],
    ['does not say', 'customerId=1', 2 * HOUR],
    ['says backwards', 'timestamp=60000&ttl=0', 2 * HOUR],
    ['says unreadably', 'timestamp=a&ttl=b', 2 * HOUR],
    ['says by half', 'ttl=60000', 2 * HOUR],
  ])('ends the session with the link as that %s, counted from before the request', async (_, query, lifetime) => {
    vendor.sandbox.faults.add({ path: LINK, reply: answer({ link: `https://connect2.finicity.com?${query}` }) });
    provider = vendor.provider({
      fetch: async (input, init) => {
        const response = await vendor.sandbox.fetch(input, init);
        vendor.clock.advance(5_000);
        return response;
      },
    });
    await provider.application.token();
    expect((await start()).expiresAt).toBe(START + 5_000 + lifetime);
  });

  it.each([{}, { link: '' }, { link: 'connect2.finicity.com' }, { link: 'javascript:alert(1)' }, { link: 17 }])(
    'does not take %j for a link',
    async (body) => {
      vendor.sandbox.faults.add({ path: LINK, reply: answer(body) });
      expect(await errorOf(start())).toMatchObject({ code: 'invalid_response', operation: 'connect.start' });
    },
  );
});

describe('complete', () => {
  it.each([
    ['', 'success'],
    ['&success=true&reasonCode=OK&type=voa&status=inProgress', 'success'],
    ['&code=200&reason=complete', 'success'],
    ['&success=true&code=&reason=&error=', 'success'],
    ['&reason=something+new', 'success'],
    ['&code=100', 'consent_denied'],
    ['&reason=exit', 'consent_denied'],
    ['&success=true&reason=EXIT', 'consent_denied'],
    ['&reason=cancel', 'consent_denied'],
    ['&reason=cancelled', 'consent_denied'],
    ['&reasonCode=exit', 'consent_denied'],
    ['&error=access_denied', 'consent_denied'],
    ['&code=1440', 'timeout'],
    ['&reason=timeout', 'timeout'],
    ['&code=500', 'unavailable'],
    ['&reason=error', 'unavailable'],
    ['&success=false', 'unavailable'],
    ['&success=true&success=false', 'unavailable'],
    ['&success=false&reason=exit', 'consent_denied'],
    ['&code=200&code=403', 'unavailable'],
    ['&error=server_error', 'unavailable'],
    ['&error=constructor', 'unavailable'],
    // The vendor adds its own to a redirect URI that has a query already.
    ['?success=true', 'success'],
    ['/?success=true', 'success'],
    ['?code=100', 'consent_denied'],
    ['/?code=100', 'consent_denied'],
    ['&customerId=4711', 'invalid_response'],
  ])('takes the callback with %j for %s', async (query, outcome) => {
    const session = await start();
    const completed = provider.connect.complete(`${redirectUri}?state=${session.state}${query}`, session);
    if (outcome === 'success') expect(await completed).toEqual({ userId, connectionIds: [] });
    else expect(await errorOf(completed)).toMatchObject({ code: outcome, operation: 'connect.complete' });
  });

  it('checks the state before anything else of the callback, and once', async () => {
    const session = await start();
    const attack = provider.connect.complete(`${redirectUri}?state=other&code=100&reason=exit`, session);
    expect(await errorOf(attack)).toMatchObject({ code: 'state_mismatch', operation: 'connect.complete' });
    const callback = `${redirectUri}?state=${session.state}&code=100&reason=exit`;
    expect(await errorOf(provider.connect.complete(callback, session))).toMatchObject({ code: 'consent_denied', vendorCode: '100' });
    expect(await errorOf(provider.connect.complete(callback, session))).toMatchObject({ code: 'state_mismatch' });
  });

  it('completes no session whose customer is no id', async () => {
    const session = { ...(await start()), userId: '../17' };
    const error = await errorOf(provider.connect.complete(`${redirectUri}?state=${session.state}`, session));
    expect(error).toMatchObject({ code: 'invalid_request', operation: 'connect.complete' });
  });
});

it('lets no link, state or callback into an error', async () => {
  const session = await start({ singleUseUrl: true });
  const signature = new URL(session.url).searchParams.get('signature') ?? expect.fail('the link is not signed');
  vendor.sandbox.faults.add({ path: LINK, reply: answer({ link: [session.url] }) });
  vendor.sandbox.faults.add({ path: LINK, reply: answer({ code: session.url, message: session.url }, 400) });
  const errors = [
    await errorOf(start()),
    await errorOf(start()),
    await errorOf(provider.connect.complete(session.url, session)),
    await errorOf(provider.connect.complete(`/callback?state=${session.state}&code=${signature}&reason=${signature}`, session)),
    await errorOf(provider.connect.complete(`/callback?state=${session.state}`, session)),
  ];
  const codes = ['invalid_response', 'invalid_request', 'state_mismatch', 'unavailable', 'state_mismatch'];
  expect(errors.map(({ code }) => code)).toEqual(codes);
  for (const error of errors)
    for (const secret of [signature, session.state]) expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain(secret);
});
