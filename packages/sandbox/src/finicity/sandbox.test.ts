import { describe, expect, it } from 'vitest';
import { AUTHENTICATION, DAY, finicityCaller, HOUR, INSTITUTIONS, JSON_TYPE, refusal, START } from '../../test/finicity-caller.ts';
import { type FinicitySandboxOptions, finicitySandbox } from '../index.ts';

const XML = 'application/xml';
const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const BAD_REQUEST = refusal(400, 14020, 'Bad request.');
const EXPIRED = refusal(401, 10023, 'Expired (Finicity-App-Token)');
const LOCKED = refusal(500, 24302, "For your security, we've locked your account. Please reset your password to continue.");

describe('an access token', () => {
  it('is 20 letters and digits, alone in its JSON', async () => {
    const { createToken } = finicityCaller();
    expect(await createToken()).toMatchObject({
      status: 200,
      type: JSON_TYPE,
      body: { token: expect.stringMatching(/^[A-Za-z0-9]{20}$/) },
    });
    expect(Object.keys((await createToken()).body)).toEqual(['token']);
  });

  it.each(['', '*/*', XML])('comes as XML when Accept is %j', async (accept) => {
    const text = expect.stringMatching(
      /^<\?xml version="1.0" encoding="UTF-8" standalone="yes"\?><access><token>\w{20}<\/token><\/access>$/,
    );
    expect(await finicityCaller().createToken({}, { accept })).toMatchObject({ status: 200, type: XML, text });
  });

  it.each<[string, (digit: string) => string]>([
    ['as they are', (digit) => digit],
    ['by decimal numbers', (digit) => `&#${digit.charCodeAt(0)};`],
    ['by hexadecimal numbers', (digit) => `&#x${digit.charCodeAt(0).toString(16)};`],
  ])('is given for legacy XML whose characters are told %s', async (_, reference) => {
    const { send, sandbox } = finicityCaller();
    const { partnerId, partnerSecret } = sandbox.credentials;
    const id = [...partnerId].map(reference).join('');
    const body = `<credentials><partnerId>${id}</partnerId><partnerSecret>${partnerSecret}</partnerSecret></credentials>`;
    expect((await send('POST', AUTHENTICATION, body, { 'content-type': XML })).status).toBe(200);
  });

  it('lives two hours, or as long as told, beside others', async () => {
    for (const [tokenLifetime, lifetime] of [
      [undefined, 2 * HOUR],
      [1000, 1000],
    ] as const) {
      const { token, institutions, clock } = finicityCaller({ tokenLifetime });
      const first = await token();
      await token();
      clock.advance(lifetime - 1);
      expect((await institutions(first)).status).toBe(200);
      clock.advance(1);
      expect(await institutions(first)).toMatchObject(EXPIRED);
    }
  });

  it('ends early when the vendor says so, and another can be had', async () => {
    const { token, institutions, sandbox } = finicityCaller();
    const first = await token();
    sandbox.expireTokens();
    expect(await institutions(first)).toMatchObject(EXPIRED);
    expect((await institutions(await token())).status).toBe(200);
  });

  it('is required, and a made-up one is told from an expired one', async () => {
    const { institutions } = finicityCaller();
    expect(await institutions('')).toMatchObject(refusal(401, 10024, 'Missing parameter (Finicity-App-Token)'));
    expect(await institutions('madeUpMadeUpMadeUp12')).toMatchObject(refusal(401, 10022, 'Invalid (Finicity-App-Token)'));
  });
});

describe('the app key', () => {
  it.each([AUTHENTICATION, INSTITUTIONS, '/.well-known/anything'])('is missed first, on %s too', async (path) => {
    const answer = await finicityCaller().send('GET', path, undefined, { 'finicity-app-key': '' });
    expect(answer).toMatchObject(refusal(401, 10026, 'Missing parameter (Finicity-App-Key)'));
  });

  it.each<[FinicitySandboxOptions['invalidAppKey'], object]>([
    [undefined, { status: 401, type: 'text/plain', text: 'Invalid (Finicity-App-Key)' }],
    ['json-10027', refusal(401, 10027, 'Invalid parameter (Finicity-App-Key)')],
    ['json-errorCode', { status: 401, type: JSON_TYPE, text: '{"errorCode":401,"message":"Invalid Finicity-App-Key"}' }],
    ['429', { status: 429, type: null, text: '' }],
  ])('is refused when unknown, in the variant %s', async (invalidAppKey, expected) => {
    const { send } = finicityCaller({ invalidAppKey });
    expect(await send('GET', INSTITUTIONS, undefined, { 'finicity-app-key': 'f'.repeat(32) })).toMatchObject(expected);
  });
});

describe('a body', () => {
  const entities = Array.from({ length: 9 }, (_, index) => `<!ENTITY a${index + 1} "${`&a${index};`.repeat(10)}">`).join('');

  it.each([
    ['no JSON', JSON_TYPE, '{"partnerId":'],
    ['an array', JSON_TYPE, '[]'],
    ['null', JSON_TYPE, 'null'],
    ['nothing', JSON_TYPE, ''],
    ['a number in the place of a text', JSON_TYPE, '{"partnerId":1,"partnerSecret":"x"}'],
    ['no XML', XML, '<credentials><partnerId>'],
    ['XML of another kind', XML, '<access><token>x</token></access>'],
    ['nested XML', XML, '<credentials><partnerId><a/></partnerId></credentials>'],
    [
      'entities that grow',
      XML,
      `<!DOCTYPE b [<!ENTITY a0 "aaaaaaaaaa">${entities}]><credentials><partnerId>&a9;</partnerId></credentials>`,
    ],
    ['an entity of its own', XML, '<!DOCTYPE c [<!ENTITY e "1">]><credentials><partnerId>&e;</partnerId></credentials>'],
    ['a file', XML, '<!doctype c [<!ENTITY e SYSTEM "file:///etc/hostname">]><credentials><partnerId>&e;</partnerId></credentials>'],
    ['a deep tree', XML, `<credentials>${'<a>'.repeat(50_000)}${'</a>'.repeat(50_000)}</credentials>`],
    ['a forbidden name', XML, '<credentials><__proto__><partnerId>1</partnerId></__proto__></credentials>'],
    ['two roots', XML, '<credentials/><credentials/>'],
    ['a deep array', JSON_TYPE, '['.repeat(100_000)],
    ['a deep object', JSON_TYPE, `${'{"a":'.repeat(5000)}[${'}'.repeat(5000)}`],
    ['no text at all', JSON_TYPE, '\u0000\uFFFD'],
    ['a form', 'application/x-www-form-urlencoded', 'partnerId=1&partnerSecret=2'],
    ['a type that nobody knows', 'image/png', '{}'],
    ['2 MB', JSON_TYPE, JSON.stringify({ partnerId: 'x'.repeat(2_000_000) })],
  ])('with %s is a bad request', async (_, type, body) => {
    const { send, sandbox } = finicityCaller();
    for (const method of ['POST', 'PUT'])
      expect(await send(method, AUTHENTICATION, body, { 'content-type': type })).toMatchObject(BAD_REQUEST);
    expect(sandbox.failedAttempts).toBe(0);
  });

  it.each(['partnerId', 'partnerSecret', 'newPartnerSecret'])('without %s names it', async (name) => {
    const { createToken, changeSecret, sandbox } = finicityCaller();
    const expected = refusal(400, 10005, `Missing parameter (${name})`);
    for (const value of [undefined, null, '', '  \t']) {
      expect(await changeSecret({ [name]: value })).toMatchObject(expected);
      if (name !== 'newPartnerSecret') expect(await createToken({ [name]: value })).toMatchObject(expected);
    }
    expect(sandbox.failedAttempts).toBe(0);
  });

  it('without anything names the first field, in XML for those who do not ask for JSON', async () => {
    const answer = await finicityCaller().send('POST', AUTHENTICATION, '<credentials/>', { 'content-type': 'text/xml', accept: '*/*' });
    const text = `${XML_DECLARATION}<error><code>10005</code><message>Missing parameter (partnerId)</message></error>`;
    expect(answer).toMatchObject({ status: 400, type: XML, text });
  });
});

describe('refused credentials', () => {
  it('are told apart: another partner on POST, but not on PUT, and a wrong secret, which alone counts', async () => {
    const { createToken, changeSecret, sandbox } = finicityCaller();
    const wrongSecret = refusal(401, 10001, 'Invalid credentials');
    expect(await createToken({ partnerId: '1' })).toMatchObject(refusal(404, 12401, 'partner not found'));
    expect(await changeSecret({ partnerId: '1' })).toMatchObject(wrongSecret);
    expect(sandbox.failedAttempts).toBe(0);
    expect(await createToken({ partnerSecret: 'wrong' })).toMatchObject(wrongSecret);
    expect(await changeSecret({ partnerSecret: 'wrong' })).toMatchObject(wrongSecret);
    expect(sandbox.failedAttempts).toBe(2);
  });

  it('carry their code as text on demand', async () => {
    const { body } = await finicityCaller({ codesAs: 'string' }).createToken({ partnerSecret: 'wrong' });
    expect(body).toEqual({ code: '10001', message: 'Invalid credentials' });
  });

  it.each([
    ['are forgotten after a success', undefined, 0, false],
    ['add up over successes on demand', false, 4, true],
  ])('%s', async (_, successResetsCounter, failedAttempts, locked) => {
    const { createToken, sandbox } = finicityCaller({ successResetsCounter });
    for (const partnerSecret of ['1', '2', '3', '4']) await createToken({ partnerSecret });
    await createToken();
    expect(sandbox.failedAttempts).toBe(failedAttempts);
    await createToken({ partnerSecret: '5' });
    expect(sandbox.locked).toBe(locked);
  });
});

describe('the lock', () => {
  const withLock = async (options: FinicitySandboxOptions = {}) => {
    const caller = finicityCaller(options);
    const token = await caller.token();
    const statuses: number[] = [];
    while (!caller.sandbox.locked) statuses.push((await caller.createToken({ partnerSecret: 'wrong' })).status);
    return { ...caller, appToken: token, statuses };
  };

  it('falls after the fifth refusal, which looks like the others, refuses the right secret too, and counts no further', async () => {
    const { statuses, createToken, changeSecret, institutions, appToken, sandbox } = await withLock();
    expect(statuses).toEqual([401, 401, 401, 401, 401]);
    expect(await createToken()).toMatchObject(LOCKED);
    expect(await changeSecret()).toMatchObject(LOCKED);
    expect(sandbox.failedAttempts).toBe(5);
    // Live tokens go on.
    expect((await institutions(appToken)).status).toBe(200);
  });

  it.each(['unlock', 'reset'] as const)('never ends by itself, and is lifted by %s', async (way) => {
    const { createToken, clock, sandbox } = await withLock();
    clock.advance(365 * DAY);
    expect((await createToken()).status).toBe(500);
    sandbox[way]();
    expect([sandbox.locked, sandbox.failedAttempts, (await createToken()).status]).toEqual([false, 0, 200]);
  });

  it('takes the form that the specification shows, and another number of attempts, on demand', async () => {
    const { statuses, createToken } = await withLock({ lockedAs: 401, lockAfter: 2 });
    expect(statuses).toHaveLength(2);
    expect(await createToken()).toMatchObject(refusal(401, 24302, 'Bad credentials'));
  });
});

describe('a new secret', () => {
  const withStatuses = () => {
    const caller = finicityCaller();
    /** Of the first secret, and then of these. */
    const statusesOf = async (...secrets: readonly string[]): Promise<readonly number[]> => {
      const statuses = [(await caller.createToken()).status];
      for (const partnerSecret of secrets) statuses.push((await caller.createToken({ partnerSecret })).status);
      return statuses;
    };
    return { ...caller, statusesOf };
  };

  it.each([{}, { immediate: true }])('is taken with an empty 204, ends the old one at once and no token: %j', async (how) => {
    const { changeSecret, statusesOf, token, institutions } = withStatuses();
    const appToken = await token();
    expect(await changeSecret(how)).toMatchObject({ status: 204, type: null, text: '' });
    expect(await statusesOf('brandNewSecret1')).toEqual([401, 200]);
    expect((await institutions(appToken)).status).toBe(200);
  });

  it('leaves the old one 30 days when immediate is false, and all earlier ones theirs when another follows', async () => {
    const { changeSecret, statusesOf, clock } = withStatuses();
    await changeSecret({ immediate: false });
    clock.advance(DAY);
    await changeSecret({ partnerSecret: 'brandNewSecret1', newPartnerSecret: 'brandNewSecret2', immediate: false });
    const rows = [
      [29 * DAY - 1, 200, 200, 200],
      [1, 401, 200, 200],
      [DAY - 1, 401, 200, 200],
      [1, 401, 401, 200],
    ] as const;
    for (const [later, ...statuses] of rows) {
      clock.advance(later);
      expect(await statusesOf('brandNewSecret1', 'brandNewSecret2')).toEqual(statuses);
    }
  });

  it('that is immediate ends all earlier ones, those in their days of grace too', async () => {
    const { changeSecret, statusesOf } = withStatuses();
    await changeSecret({ immediate: false });
    await changeSecret({ partnerSecret: 'brandNewSecret1', newPartnerSecret: 'brandNewSecret2' });
    expect(await statusesOf('brandNewSecret1', 'brandNewSecret2')).toEqual([401, 401, 200]);
  });

  it('comes by XML too', async () => {
    const { send, sandbox, statusesOf } = withStatuses();
    const { partnerId, partnerSecret } = sandbox.credentials;
    const old = `<partnerId>${partnerId}</partnerId><partnerSecret>${partnerSecret}</partnerSecret>`;
    const body = `<?xml version="1.0"?><credentials>${old}<newPartnerSecret>fish&amp;chips-4-2</newPartnerSecret><immediate>false</immediate></credentials>`;
    expect((await send('PUT', AUTHENTICATION, body, { 'content-type': XML })).status).toBe(204);
    expect(await statusesOf('fish&chips-4-2')).toEqual([200, 200]);
  });

  it.each([
    ['11 characters', 'short123456', false],
    ['no digit', 'onlyLettersHere', false],
    ['no letter', '1234567890123', false],
    ['a space', 'with a space 12', false],
    ['a quotation mark', 'quote"quote1234', false],
    ['256 characters', `a1${'x'.repeat(254)}`, false],
    ['12 characters', 'a1!@#$%&*_-+', true],
    ['255 characters', `a1${'x'.repeat(253)}`, true],
  ])('is held to the policy: %s', async (_, newPartnerSecret, isTaken) => {
    const { changeSecret, statusesOf } = withStatuses();
    const expected = isTaken ? { status: 204 } : refusal(400, 24437, 'New password is not as per policy');
    expect(await changeSecret({ newPartnerSecret })).toMatchObject(expected);
    expect(await statusesOf()).toEqual([isTaken ? 401 : 200]);
  });

  it.each([
    ['takes effect although the answer is lost', 'lost', [401, 200]],
    ['takes no effect when the vendor was not reached', 'unreachable', [200, 401]],
  ] as const)('%s', async (_, kind, statuses) => {
    const { changeSecret, statusesOf, sandbox } = withStatuses();
    sandbox.faults.add({ method: 'PUT', reply: { kind } });
    await expect(changeSecret()).rejects.toThrow(TypeError);
    expect(await statusesOf('brandNewSecret1')).toEqual(statuses);
  });

  it('is undone by reset, in its days of grace too, which also forgets tokens', async () => {
    const { changeSecret, statusesOf, token, institutions, sandbox } = withStatuses();
    const appToken = await token();
    await changeSecret({ immediate: false });
    await changeSecret({ newPartnerSecret: 'brandNewSecret2', immediate: false });
    sandbox.reset();
    expect(sandbox.calls).toEqual([]);
    expect(await statusesOf('brandNewSecret1', 'brandNewSecret2')).toEqual([200, 401, 401]);
    expect(await institutions(appToken)).toMatchObject({ status: 401, body: { code: 10022 } });
  });
});

describe('institutions', () => {
  const withGet = async () => {
    const caller = finicityCaller();
    const token = await caller.token();
    return { ...caller, get: (query: string) => caller.send('GET', INSTITUTIONS + query, undefined, { 'finicity-app-token': token }) };
  };

  it('are listed with what the vendor says of them', async () => {
    const { body } = await (await withGet()).get('');
    expect(body).toMatchObject({ found: 13, displaying: 13, moreAvailable: false, createdDate: START / 1000 });
    expect(body['institutions']).toContainEqual({
      ...{ id: 102105, name: 'FinBank Profiles - A', transAgg: true, ach: true, stateAgg: false, voi: true, voa: true, aha: false },
      ...{ availBalance: false, accountOwner: true, oauthEnabled: false, currency: 'USD', status: 'online' },
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
    expect((await (await withGet()).get(query)).body).toMatchObject({ found, displaying, moreAvailable });
  });

  it('are refused for paging out of range, unknown types and what is no country or id', async () => {
    const { get } = await withGet();
    for (const query of ['?limit=0', '?limit=1001', '?start=0', '?start=x', '?limit=', '?type=gold', '?supportedCountries=usa', '/x'])
      expect([query, await get(query)]).toMatchObject([query, BAD_REQUEST]);
  });

  it('are found by id', async () => {
    const { get } = await withGet();
    expect((await get('/101732')).body).toMatchObject({ institution: { id: 101732, name: 'FinBank' } });
    expect(await get('/1')).toMatchObject(refusal(404, 14006, 'Institution not found.'));
  });
});

describe('finicity credentials', () => {
  it('look like the real ones and can be given', () => {
    expect(finicitySandbox().credentials).toEqual({
      partnerId: expect.stringMatching(/^[1-9]\d{12}$/),
      partnerSecret: expect.stringMatching(/^[A-Za-z0-9]{20}$/),
      appKey: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    const given = { partnerId: '42', partnerSecret: 'mine', appKey: 'key' };
    expect(finicitySandbox({ credentials: given }).credentials).toEqual(given);
  });
});
