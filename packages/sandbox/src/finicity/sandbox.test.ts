import { type FakeClock, fakeClock } from '@auth/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FinicitySandbox, type FinicitySandboxOptions, finicitySandbox } from '../index.ts';

const AUTHENTICATION = '/aggregation/v2/partners/authentication';
const INSTITUTIONS = '/institution/v2/institutions';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const JSON_TYPE = 'application/json';
const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';

describe.each(['in process', 'over HTTP'])('finicity authentication, %s', (way) => {
  let clock: FakeClock;
  let sandbox: FinicitySandbox;
  let origin = 'https://api.finicity.com';
  let close = async (): Promise<void> => {};

  const create = async (options: FinicitySandboxOptions = {}): Promise<void> => {
    clock = fakeClock({ now: Date.UTC(2026, 0, 1) });
    sandbox = finicitySandbox({ clock, ...options });
    if (way === 'in process') return;
    await close();
    const server = await sandbox.listen();
    origin = server.url.slice(0, -1);
    close = server.close;
  };
  beforeEach(() => create());
  afterEach(() => close());

  const send = (path: string, { headers = {}, ...init }: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> => {
    const transport = way === 'in process' ? sandbox.fetch : fetch;
    return transport(origin + path, {
      ...init,
      headers: { 'Finicity-App-Key': sandbox.credentials.appKey, Accept: JSON_TYPE, 'Content-Type': JSON_TYPE, ...headers },
    });
  };
  const credentials = (changes: object = {}): object => {
    const { partnerId, partnerSecret } = sandbox.credentials;
    return { partnerId, partnerSecret, ...changes };
  };
  const createToken = (changes: object = {}): Promise<Response> =>
    send(AUTHENTICATION, { method: 'POST', body: JSON.stringify(credentials(changes)) });
  const modifySecret = (changes: object = {}): Promise<Response> =>
    send(AUTHENTICATION, { method: 'PUT', body: JSON.stringify(credentials({ newPartnerSecret: 'brandNewSecret1', ...changes })) });
  const statusWith = async (partnerSecret: string): Promise<number> => (await createToken({ partnerSecret })).status;
  const token = async (): Promise<string> => {
    const { token } = JSON.parse(await (await createToken()).text());
    return token;
  };
  const institutionsWith = (appToken: string): Promise<Response> => send(INSTITUTIONS, { headers: { 'Finicity-App-Token': appToken } });
  const answer = async (response: Response): Promise<unknown[]> => [
    response.status,
    response.headers.get('content-type'),
    await response.text(),
  ];
  const error = (status: number, code: number, message: string): unknown[] => [status, JSON_TYPE, JSON.stringify({ code, message })];

  describe('an access token', () => {
    it('is 20 letters and digits, alone in its JSON', async () => {
      const response = await createToken();
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe(JSON_TYPE);
      expect(await response.json()).toEqual({ token: expect.stringMatching(/^[A-Za-z0-9]{20}$/) });
    });

    it.each(['', '*/*', 'application/xml'])('comes as XML when Accept is %j', async (accept) => {
      const response = await send(AUTHENTICATION, { method: 'POST', body: JSON.stringify(credentials()), headers: { Accept: accept } });
      const [status, type, body] = await answer(response);
      expect([status, type]).toEqual([200, 'application/xml']);
      expect(body).toMatch(/^<\?xml version="1.0" encoding="UTF-8" standalone="yes"\?><access><token>\w{20}<\/token><\/access>$/);
    });

    it('is given for legacy XML', async () => {
      const { partnerId, partnerSecret } = sandbox.credentials;
      const body = `<credentials><partnerId>${partnerId}</partnerId><partnerSecret>${partnerSecret}</partnerSecret></credentials>`;
      const response = await send(AUTHENTICATION, { method: 'POST', body, headers: { 'Content-Type': 'application/xml' } });
      expect(response.status).toBe(200);
    });

    it.each([
      ['decimal', (digit: string) => `&#${digit.charCodeAt(0)};`],
      ['hexadecimal', (digit: string) => `&#x${digit.charCodeAt(0).toString(16)};`],
    ])('is given for legacy XML whose characters are told by number (%s)', async (_, reference) => {
      const { partnerId, partnerSecret } = sandbox.credentials;
      const id = [...partnerId].map(reference).join('');
      const body = `<credentials><partnerId>${id}</partnerId><partnerSecret>${partnerSecret}</partnerSecret></credentials>`;
      const response = await send(AUTHENTICATION, { method: 'POST', body, headers: { 'Content-Type': 'application/xml' } });
      expect(response.status).toBe(200);
    });

    it('leaves earlier tokens alive', async () => {
      const first = await token();
      await token();
      expect((await institutionsWith(first)).status).toBe(200);
    });

    it('lives two hours', async () => {
      const appToken = await token();
      clock.advance(2 * HOUR - 1);
      expect((await institutionsWith(appToken)).status).toBe(200);
      clock.advance(1);
      expect(await answer(await institutionsWith(appToken))).toEqual(error(401, 10023, 'Expired (Finicity-App-Token)'));
    });

    it('ends early when the vendor says so, and another can be had', async () => {
      const appToken = await token();
      sandbox.expireTokens();
      expect(await answer(await institutionsWith(appToken))).toEqual(error(401, 10023, 'Expired (Finicity-App-Token)'));
      expect((await institutionsWith(await token())).status).toBe(200);
    });

    it('lives as long as told', async () => {
      await create({ tokenLifetime: 1000 });
      const appToken = await token();
      clock.advance(1000);
      expect((await institutionsWith(appToken)).status).toBe(401);
    });

    it('is required, and a made-up one is told from an expired one', async () => {
      expect(await answer(await send(INSTITUTIONS))).toEqual(error(401, 10024, 'Missing parameter (Finicity-App-Token)'));
      expect(await answer(await institutionsWith('madeUpMadeUpMadeUp12'))).toEqual(error(401, 10022, 'Invalid (Finicity-App-Token)'));
    });
  });

  describe('the app key', () => {
    it.each([AUTHENTICATION, INSTITUTIONS, '/.well-known/anything'])('is missed first, on %s too', async (path) => {
      const response = await send(path, { headers: { 'Finicity-App-Key': '' } });
      expect(await answer(response)).toEqual(error(401, 10026, 'Missing parameter (Finicity-App-Key)'));
    });

    it('is refused in plain text when unknown', async () => {
      const response = await send(AUTHENTICATION, { method: 'POST', headers: { 'Finicity-App-Key': 'f'.repeat(32) } });
      expect(await answer(response)).toEqual([401, 'text/plain', 'Invalid (Finicity-App-Key)']);
    });

    it.each([
      ['json-10027', error(401, 10027, 'Invalid parameter (Finicity-App-Key)')],
      ['429', [429, null, '']],
    ] as const)('is refused in the variant %s on demand', async (invalidAppKey, expected) => {
      await create({ invalidAppKey });
      expect(await answer(await send(INSTITUTIONS, { headers: { 'Finicity-App-Key': 'wrong' } }))).toEqual(expected);
    });
  });

  describe('a body', () => {
    const badRequest = error(400, 14020, 'Bad request.');

    it.each([
      ['no JSON', JSON_TYPE, '{"partnerId":'],
      ['an array', JSON_TYPE, '[]'],
      ['null', JSON_TYPE, 'null'],
      ['nothing', JSON_TYPE, ''],
      ['a number in the place of a text', JSON_TYPE, '{"partnerId":1,"partnerSecret":"x"}'],
      ['no XML', 'application/xml', '<credentials><partnerId>'],
      ['XML of another kind', 'application/xml', '<access><token>x</token></access>'],
      ['nested XML', 'application/xml', '<credentials><partnerId><a/></partnerId></credentials>'],
      ['a form', 'application/x-www-form-urlencoded', 'partnerId=1&partnerSecret=2'],
      ['2 MB', JSON_TYPE, JSON.stringify({ partnerId: 'x'.repeat(2_000_000) })],
    ])('with %s is a bad request', async (_, type, body) => {
      for (const method of ['POST', 'PUT']) {
        expect(await answer(await send(AUTHENTICATION, { method, body, headers: { 'Content-Type': type } }))).toEqual(badRequest);
      }
      expect(sandbox.failedAttempts).toBe(0);
    });

    it.each(['partnerId', 'partnerSecret', 'newPartnerSecret'])('without %s names it', async (name) => {
      const expected = error(400, 10005, `Missing parameter (${name})`);
      for (const value of [undefined, null, '', '  \t']) {
        expect(await answer(await modifySecret({ [name]: value }))).toEqual(expected);
        if (name !== 'newPartnerSecret') expect(await answer(await createToken({ [name]: value }))).toEqual(expected);
      }
      expect(sandbox.failedAttempts).toBe(0);
    });

    it('without anything names the first field, in XML for those who do not ask for JSON', async () => {
      const response = await send(AUTHENTICATION, {
        method: 'POST',
        body: '<credentials/>',
        headers: { 'Content-Type': 'text/xml', Accept: '*/*' },
      });
      expect(await answer(response)).toEqual([
        400,
        'application/xml',
        `${XML_DECLARATION}<error><code>10005</code><message>Missing parameter (partnerId)</message></error>`,
      ]);
    });
  });

  describe('refused credentials', () => {
    it('are told apart: another partner on POST, but not on PUT, and a wrong secret', async () => {
      const wrongSecret = error(401, 10001, 'Invalid credentials');
      expect(await answer(await createToken({ partnerId: '1' }))).toEqual(error(404, 12401, 'partner not found'));
      expect(await answer(await modifySecret({ partnerId: '1' }))).toEqual(wrongSecret);
      expect(sandbox.failedAttempts).toBe(0);
      expect(await answer(await createToken({ partnerSecret: 'wrong' }))).toEqual(wrongSecret);
      expect(await answer(await modifySecret({ partnerSecret: 'wrong' }))).toEqual(wrongSecret);
      expect(sandbox.failedAttempts).toBe(2);
    });

    it('carry their code as text on demand', async () => {
      await create({ codesAs: 'string' });
      expect(await (await createToken({ partnerSecret: 'wrong' })).json()).toEqual({ code: '10001', message: 'Invalid credentials' });
    });

    it('are forgotten after a success', async () => {
      for (const secret of ['1', '2', '3', '4']) await statusWith(secret);
      await createToken();
      expect(sandbox.failedAttempts).toBe(0);
    });

    it('add up over successes on demand', async () => {
      await create({ successResetsCounter: false });
      for (const secret of ['1', '2', '3', '4']) await statusWith(secret);
      await createToken();
      expect(sandbox.failedAttempts).toBe(4);
      await statusWith('5');
      expect(sandbox.locked).toBe(true);
    });
  });

  describe('the lock', () => {
    const lockedError = error(500, 24302, "For your security, we've locked your account. Please reset your password to continue.");
    const lock = async (attempts = 5): Promise<number[]> => {
      const statuses: number[] = [];
      for (let attempt = 0; attempt < attempts; attempt += 1) statuses.push(await statusWith(`wrong ${attempt}`));
      return statuses;
    };

    it('falls after the fifth refusal, which itself looks like the others', async () => {
      expect(await lock(4)).toEqual([401, 401, 401, 401]);
      expect(sandbox.locked).toBe(false);
      expect(await lock(1)).toEqual([401]);
      expect(sandbox.locked).toBe(true);
    });

    it('refuses the right secret too, on both calls, and counts no further', async () => {
      await lock();
      expect(await answer(await createToken())).toEqual(lockedError);
      expect(await answer(await modifySecret())).toEqual(lockedError);
      expect(sandbox.failedAttempts).toBe(5);
    });

    it('lets live tokens go on', async () => {
      const appToken = await token();
      await lock();
      expect((await institutionsWith(appToken)).status).toBe(200);
    });

    it.each(['unlock', 'reset'] as const)('is lifted by %s', async (way) => {
      await lock();
      sandbox[way]();
      expect([sandbox.locked, sandbox.failedAttempts]).toEqual([false, 0]);
      expect((await createToken()).status).toBe(200);
    });

    it('never ends by itself', async () => {
      await lock();
      clock.advance(365 * DAY);
      expect((await createToken()).status).toBe(500);
    });

    it('takes the form that the specification shows, and another number of attempts, on demand', async () => {
      await create({ lockedAs: 401, lockAfter: 2 });
      await lock(2);
      expect(await answer(await createToken())).toEqual(error(401, 24302, 'Bad credentials'));
    });
  });

  describe('a new secret', () => {
    it('is taken with an empty 204 and ends the old one at once', async () => {
      expect(await answer(await modifySecret())).toEqual([204, null, '']);
      expect(await statusWith('brandNewSecret1')).toBe(200);
      expect((await createToken()).status).toBe(401);
    });

    it('ends the old one at once when immediate is true', async () => {
      await modifySecret({ immediate: true });
      expect((await createToken()).status).toBe(401);
    });

    it('leaves the old one 30 days when immediate is false', async () => {
      await modifySecret({ immediate: false });
      clock.advance(30 * DAY - 1);
      expect([await statusWith('brandNewSecret1'), (await createToken()).status]).toEqual([200, 200]);
      clock.advance(1);
      expect([await statusWith('brandNewSecret1'), (await createToken()).status]).toEqual([200, 401]);
    });

    it('leaves all earlier ones their days when another follows', async () => {
      await modifySecret({ immediate: false });
      clock.advance(DAY);
      await modifySecret({ partnerSecret: 'brandNewSecret1', newPartnerSecret: 'brandNewSecret2', immediate: false });
      const statuses = async (): Promise<number[]> => [
        (await createToken()).status,
        await statusWith('brandNewSecret1'),
        await statusWith('brandNewSecret2'),
      ];
      expect(await statuses()).toEqual([200, 200, 200]);
      clock.advance(29 * DAY);
      expect(await statuses()).toEqual([401, 200, 200]);
      clock.advance(DAY);
      expect(await statuses()).toEqual([401, 401, 200]);
    });

    it('comes by XML too', async () => {
      const { partnerId, partnerSecret } = sandbox.credentials;
      const body = `<?xml version="1.0"?><credentials><partnerId>${partnerId}</partnerId><partnerSecret>${partnerSecret}</partnerSecret><newPartnerSecret>fish&amp;chips-4-2</newPartnerSecret><immediate>false</immediate></credentials>`;
      expect((await send(AUTHENTICATION, { method: 'PUT', body, headers: { 'Content-Type': 'application/xml' } })).status).toBe(204);
      expect([await statusWith('fish&chips-4-2'), (await createToken()).status]).toEqual([200, 200]);
    });

    it('leaves tokens alive', async () => {
      const appToken = await token();
      await modifySecret();
      expect((await institutionsWith(appToken)).status).toBe(200);
    });

    it.each([
      ['11 characters', 'short123456'],
      ['no digit', 'onlyLettersHere'],
      ['no letter', '1234567890123'],
      ['a space', 'with a space 12'],
      ['a quotation mark', 'quote"quote1234'],
      ['256 characters', `a1${'x'.repeat(254)}`],
    ])('against the policy is refused: %s', async (_, newPartnerSecret) => {
      expect(await answer(await modifySecret({ newPartnerSecret }))).toEqual(error(400, 24437, 'New password is not as per policy'));
      expect((await createToken()).status).toBe(200);
    });

    it.each([
      ['12 characters', 'a1!@#$%&*_-+'],
      ['255 characters', `a1${'x'.repeat(253)}`],
    ])('within the policy is taken: %s', async (_, newPartnerSecret) => {
      expect((await modifySecret({ newPartnerSecret })).status).toBe(204);
    });

    it('takes effect although the answer is lost', async () => {
      sandbox.faults.add({ method: 'PUT', reply: { kind: 'lost' } });
      await expect(modifySecret()).rejects.toThrow(TypeError);
      expect([await statusWith('brandNewSecret1'), (await createToken()).status]).toEqual([200, 401]);
    });

    it('takes no effect when the vendor was not reached', async () => {
      sandbox.faults.add({ method: 'PUT', reply: { kind: 'unreachable' } });
      await expect(modifySecret()).rejects.toThrow(TypeError);
      expect((await createToken()).status).toBe(200);
    });

    it('is undone by reset, which also ends tokens', async () => {
      const appToken = await token();
      await modifySecret();
      sandbox.reset();
      expect(sandbox.calls).toEqual([]);
      expect((await createToken()).status).toBe(200);
      expect((await institutionsWith(appToken)).status).toBe(401);
    });
  });

  describe('institutions', () => {
    const get = async (path: string): Promise<Response> => send(path, { headers: { 'Finicity-App-Token': await token() } });
    const list = async (query: string): Promise<Record<string, unknown>> => JSON.parse(await (await get(INSTITUTIONS + query)).text());

    it('are listed with every member that the vendor promises', async () => {
      const answered = await list('');
      expect(answered).toMatchObject({ found: 13, displaying: 13, moreAvailable: false, createdDate: Date.UTC(2026, 0, 1) / 1000 });
      expect(answered['institutions']).toContainEqual({
        id: 102105,
        name: 'FinBank Profiles - A',
        transAgg: true,
        ach: true,
        stateAgg: false,
        voi: true,
        voa: true,
        aha: false,
        availBalance: false,
        accountOwner: true,
        oauthEnabled: false,
        currency: 'USD',
        status: 'online',
      });
    });

    it.each([
      ['?search=profiles', 4, 4, false],
      ['?search=nothing', 0, 0, false],
      ['?limit=2', 13, 2, true],
      ['?limit=2&start=7', 13, 1, false],
      ['?limit=13', 13, 13, false],
      ['?start=9', 13, 0, false],
      ['?type=voa', 12, 12, false],
      ['?type=aha', 0, 0, false],
      ['?supportedCountries=us,CA', 13, 13, false],
    ])('are searched and paged: %s', async (query, found, displaying, moreAvailable) => {
      expect(await list(query)).toMatchObject({ found, displaying, moreAvailable });
    });

    it.each(['?limit=0', '?limit=1001', '?start=0', '?start=x', '?limit=', '?type=gold', '?supportedCountries=usa'])(
      'are not listed for %s',
      async (query) => {
        expect(await answer(await get(INSTITUTIONS + query))).toEqual(error(400, 14020, 'Bad request.'));
      },
    );

    it('are found by id', async () => {
      expect(await (await get(`${INSTITUTIONS}/101732`)).json()).toMatchObject({ institution: { id: 101732, name: 'FinBank' } });
      expect(await answer(await get(`${INSTITUTIONS}/1`))).toEqual(error(404, 14006, 'Institution not found.'));
      expect(await answer(await get(`${INSTITUTIONS}/x`))).toEqual(error(400, 14020, 'Bad request.'));
    });
  });

  it.each([
    ['GET', '/nowhere'],
    ['DELETE', AUTHENTICATION],
    ['POST', INSTITUTIONS],
    ['GET', '/'],
  ])('does not know %s %s', async (method, path) => {
    expect(await answer(await send(path, { method }))).toEqual(error(404, 14001, 'Resource not found.'));
  });
});

describe('finicity credentials', () => {
  it('look like the real ones and can be given', () => {
    expect(finicitySandbox().credentials).toEqual({
      partnerId: expect.stringMatching(/^[1-9]\d{12}$/),
      partnerSecret: expect.stringMatching(/^[A-Za-z0-9]{20}$/),
      appKey: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(finicitySandbox({ credentials: { partnerId: '42' } }).credentials.partnerId).toBe('42');
  });
});
