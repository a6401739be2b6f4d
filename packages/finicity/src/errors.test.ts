import type { AuthErrorCode } from '@auth/core';
import { AuthError, authorizedFetch } from '@auth/core';
import { readErrorAnswer } from '@auth/core/kit';
import { type FinicityErrorName, type FinicitySandbox, finicitySandbox, type Listening } from '@auth/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { explain, isTokenRefusal } from './errors.ts';
import { type FinicityProvider, finicity } from './index.ts';

/** One documented answer of the vendor, and what it means here. */
interface Row {
  readonly when: string;
  readonly status: number;
  readonly body: string | object | null;
  /** Default: the type of the body. */
  readonly type?: string;
  readonly code: AuthErrorCode;
  readonly vendorCode?: string;
  readonly renews?: boolean;
}

const INVALID_FIELDS = 'One or more of the fields could not be validated. Please ensure you have entered the correct data.';

/** The answers of the two operations that take the partner's credentials. */
const authentication: readonly Row[] = [
  {
    when: 'the app key is missing',
    status: 401,
    body: { code: 10026, message: 'Missing parameter (Finicity-App-Key)' },
    code: 'invalid_request',
    vendorCode: '10026',
  },
  { when: 'the app key is wrong, in plain text', status: 401, body: 'Invalid (Finicity-App-Key)', code: 'invalid_credentials' },
  {
    when: 'the app key is wrong, with a code',
    status: 401,
    body: { code: 10027, message: 'Invalid parameter (Finicity-App-Key)' },
    code: 'invalid_credentials',
    vendorCode: '10027',
  },
  {
    when: 'the app key is wrong, with errorCode',
    status: 401,
    body: { errorCode: 401, message: 'Invalid Finicity-App-Key' },
    code: 'invalid_credentials',
    vendorCode: '401',
  },
  { when: 'the app key is wrong, as a limit of zero calls', status: 429, body: null, code: 'rate_limited' },
  {
    when: 'a field is missing or empty',
    status: 400,
    body: { code: 10005, message: 'Missing parameter (partnerId)' },
    code: 'invalid_request',
    vendorCode: '10005',
  },
  {
    when: 'a field is missing, in the older shape',
    status: 400,
    body: { code: '10010', status: '400', message: '"partnerId" is required', user_message: INVALID_FIELDS, tags: '' },
    code: 'invalid_request',
    vendorCode: '10010',
  },
  {
    when: 'the body cannot be read',
    status: 400,
    body: { code: 14020, message: 'Bad request.' },
    code: 'invalid_request',
    vendorCode: '14020',
  },
  {
    when: 'the secret is wrong',
    status: 401,
    body: { code: 10001, message: 'Invalid credentials' },
    code: 'invalid_credentials',
    vendorCode: '10001',
  },
  {
    when: 'the partner is not authorised',
    status: 401,
    body: { code: 10021, message: 'You are not authorized.' },
    code: 'invalid_credentials',
    vendorCode: '10021',
  },
  {
    when: 'the partner is unknown',
    status: 404,
    body: { code: 12401, message: 'partner not found' },
    code: 'invalid_credentials',
    vendorCode: '12401',
  },
  {
    when: 'the partner is unknown, in the declared envelope',
    status: 404,
    body: { Errors: { Error: [{ Source: 'Partners', ReasonCode: 12401, Description: 'partner not found', Recoverable: false }] } },
    code: 'invalid_credentials',
    vendorCode: '12401',
  },
  {
    when: 'the partner is locked, as the error pages have it',
    status: 500,
    body: { code: 24302, message: "For your security, we've locked your account. Please reset your password to continue." },
    code: 'locked',
    vendorCode: '24302',
  },
  {
    when: 'the partner is locked, as the specification has it',
    status: 401,
    body: { code: 24302, message: 'Bad credentials' },
    code: 'locked',
    vendorCode: '24302',
  },
  {
    when: 'the new secret breaks the policy',
    status: 400,
    body: { code: 24437, message: 'New password is not as per policy' },
    code: 'invalid_request',
    vendorCode: '24437',
  },
  { when: 'the caller is in the wrong country', status: 403, body: null, code: 'region_blocked' },
  { when: 'the caller is in the wrong country, in HTML', status: 403, body: '<html>Access denied</html>', code: 'region_blocked' },
  {
    when: 'the credentials are refused in XML',
    status: 401,
    body: '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><error><code>10001</code><message>Invalid credentials</message></error>',
    code: 'invalid_credentials',
    vendorCode: '10001',
  },
  { when: 'the credentials are refused without a word', status: 401, body: null, code: 'invalid_credentials' },
  { when: 'the service is down, in HTML', status: 503, body: '<html><h1>Service Unavailable</h1></html>', code: 'unavailable' },
  { when: 'a gateway gives up, in HTML', status: 502, body: '<html><h1>Bad Gateway</h1></html>', code: 'unavailable' },
  { when: 'the service fails without a body', status: 500, body: null, code: 'unavailable' },
  {
    when: 'the service fails with a code of its business',
    status: 500,
    body: { code: 103, message: 'Invalid credentials' },
    code: 'unavailable',
    vendorCode: '103',
  },
  {
    when: 'the vendor times out',
    status: 408,
    body: { code: 10030, message: 'Request timed out.' },
    code: 'timeout',
    vendorCode: '10030',
  },
  { when: 'the vendor times out without a body', status: 408, body: null, code: 'timeout' },
  { when: 'the path is wrong', status: 404, body: '<html>Not found</html>', code: 'not_found' },
  {
    when: 'the partner is unknown, in Australia',
    status: 500,
    body: { code: 12401, message: 'partner not found' },
    code: 'invalid_credentials',
    vendorCode: '12401',
  },
  { when: 'the app key is wrong, in Australia', status: 401, body: 'Invalid (App-Key)', code: 'invalid_credentials' },
  {
    when: 'the app key is wrong, in the envelope',
    status: 401,
    body: { Errors: { Error: [{ Source: 'Gateway', Description: 'Invalid (Finicity-App-Key)', Recoverable: false }] } },
    code: 'invalid_credentials',
  },
  {
    when: 'JSON is announced as text',
    status: 401,
    body: { code: 10001, message: 'Invalid credentials' },
    type: 'text/plain;charset=utf-8',
    code: 'invalid_credentials',
    vendorCode: '10001',
  },
  {
    when: 'the credentials are refused in wrapped XML',
    status: 401,
    body: '<Errors><Error><Source>Partners</Source><ReasonCode>10001</ReasonCode></Error></Errors>',
    code: 'invalid_credentials',
    vendorCode: '10001',
  },
  { when: 'the base URL redirects', status: 302, body: null, code: 'invalid_response' },
];

/** The answers of everything that takes the app token. */
const authenticated: readonly Row[] = [
  {
    when: 'the app key is missing',
    status: 401,
    body: { code: 10026, message: 'Missing parameter (Finicity-App-Key)' },
    code: 'invalid_request',
    vendorCode: '10026',
  },
  {
    when: 'the token is missing',
    status: 401,
    body: { code: 10024, message: 'Missing parameter (Finicity-App-Token)' },
    code: 'invalid_request',
    vendorCode: '10024',
  },
  {
    when: 'the token is unknown',
    status: 401,
    body: { code: 10022, message: 'Invalid (Finicity-App-Token)' },
    code: 'invalid_token',
    vendorCode: '10022',
    renews: true,
  },
  {
    when: 'the token has expired',
    status: 401,
    body: { code: 10023, message: 'Expired (Finicity-App-Token)' },
    code: 'invalid_token',
    vendorCode: '10023',
    renews: true,
  },
  {
    when: 'the token has expired, in XML',
    status: 401,
    body: '<error><code>10023</code><message>Expired (Finicity-App-Token)</message></error>',
    code: 'invalid_token',
    vendorCode: '10023',
    renews: true,
  },
  {
    when: 'the token has expired, with errorCode',
    status: 401,
    body: { errorCode: 10023, message: 'Expired (Finicity-App-Token)' },
    code: 'invalid_token',
    vendorCode: '10023',
    renews: true,
  },
  {
    when: 'the token is dead, in the older shape of Connect',
    status: 401,
    body: {
      code: '10022',
      status: '401',
      message: 'Invalid authorization credentials',
      user_message: 'The session has expired or is invalid',
      tags: '',
    },
    code: 'invalid_token',
    vendorCode: '10022',
    renews: true,
  },
  {
    when: 'the token has expired at Connect experiences',
    status: 401,
    body: { code: '10023', status: '401', message: 'Expired (Finicity-App-Token)', user_message: 'Your connection timed out.' },
    code: 'invalid_token',
    vendorCode: '10023',
    renews: true,
  },
  {
    when: 'the token has expired at the webhook service',
    status: 401,
    body: {
      Errors: {
        Error: [
          {
            source: 'Event Subscription Service',
            reasonCode: 1503,
            description: 'Expired (App-Token)',
            recoverable: false,
            details: null,
          },
        ],
      },
    },
    code: 'invalid_token',
    vendorCode: '1503',
    renews: true,
  },
  {
    when: 'the app key is missing at the webhook service',
    status: 401,
    body: { Errors: { Error: [{ source: 'Event Subscription Service', reasonCode: 1504, description: 'Missing parameter (App-Key)' }] } },
    code: 'invalid_request',
    vendorCode: '1504',
  },
  {
    when: 'the token has expired at Connect components',
    status: 401,
    body: { Errors: { Error: [{ Source: 'Connect-Components', ReasonCode: 10023, Description: 'Expired (Finicity-App-Token)' }] } },
    code: 'invalid_token',
    vendorCode: '10023',
    renews: true,
  },
  {
    when: 'the token is unknown at the consent service',
    status: 401,
    body: { code: '10022', status: '401', message: 'Invalid (App-Token)', user_message: '' },
    code: 'invalid_token',
    vendorCode: '10022',
    renews: true,
  },
  {
    when: 'the partner is locked',
    status: 401,
    body: { code: 24302, message: 'Bad credentials' },
    code: 'locked',
    vendorCode: '24302',
  },
  { when: 'the app key is wrong', status: 401, body: 'Invalid (Finicity-App-Key)', code: 'invalid_credentials' },
  { when: 'the plan lacks the product', status: 401, body: null, code: 'forbidden' },
  {
    when: 'the refusal has an unknown code',
    status: 401,
    body: { code: 99999, message: 'No.' },
    code: 'forbidden',
    vendorCode: '99999',
  },
  { when: 'calls are limited', status: 429, body: null, code: 'rate_limited' },
  {
    when: 'micro-entries are limited',
    status: 429,
    body: { code: 3300001, message: 'Too many request. Please try after some time' },
    code: 'rate_limited',
    vendorCode: '3300001',
  },
  {
    when: 'the partner lacks the product',
    status: 403,
    body: { errorCode: 403, message: 'Partner does not have access to this resource' },
    code: 'forbidden',
    vendorCode: '403',
  },
  {
    when: 'only JSON is supported',
    status: 406,
    body: { code: 20000, status: '406', message: "Only 'application/json' is supported." },
    code: 'invalid_request',
    vendorCode: '20000',
  },
  {
    when: 'JSON is not supported',
    status: 406,
    body: '<error><code>14025</code><message>Not Acceptable.: [application/json]</message></error>',
    code: 'invalid_request',
    vendorCode: '14025',
  },
  {
    when: 'the customer is unknown',
    status: 404,
    body: { code: 14001, message: 'Customer not found.' },
    code: 'not_found',
    vendorCode: '14001',
  },
  {
    when: 'the institution is unknown',
    status: 404,
    body: { code: 14006, message: 'Institution not found.' },
    code: 'not_found',
    vendorCode: '14006',
  },
  {
    when: 'the username is taken',
    status: 409,
    body: { code: '110002', message: 'Username is not available.' },
    code: 'conflict',
    vendorCode: '110002',
  },
  { when: 'the consumer exists', status: 409, body: { code: 11000, message: 'Consumer exists.' }, code: 'conflict', vendorCode: '11000' },
  { when: 'there is a conflict without a code', status: 409, body: null, code: 'conflict' },
  ...(
    [
      ['Connect does not know the partner', 404, 14003, 'not_found'],
      ['the customer type is unknown', 400, 14016, 'invalid_request'],
      ['the customer id is none', 400, 14023, 'invalid_request'],
      ['the start is zero', 400, 41003, 'invalid_request'],
      ['the limit is zero', 400, 41004, 'invalid_request'],
      ['a name has a strange character', 400, 45003, 'invalid_request'],
      ['the username breaks the policy', 400, 110039, 'invalid_request'],
      ['the username breaks the policy, as 500', 500, 110039, 'invalid_request'],
      ['the customer has a security freeze', 403, 10405, 'forbidden'],
      ['the customer disputes the data', 403, 10406, 'forbidden'],
      ['the bank takes no more calls', 500, 977, 'rate_limited'],
    ] as const
  ).map(
    ([when, status, number, code]): Row => ({
      when,
      status,
      body: { code: number, message: 'In many words.' },
      code,
      vendorCode: `${number}`,
    }),
  ),
  { when: 'the token has expired, in plain text', status: 401, body: 'Expired (Finicity-App-Token)', code: 'invalid_token', renews: true },
  { when: 'the token has expired, in Australia', status: 401, body: 'Expired (App-Token)', code: 'invalid_token', renews: true },
  {
    when: 'the token is unknown, with the status as errorCode',
    status: 401,
    body: { errorCode: 401, message: 'Invalid Finicity-App-Token' },
    code: 'invalid_token',
    vendorCode: '401',
    renews: true,
  },
  {
    when: 'the token has expired, in wrapped XML',
    status: 401,
    body: '<Errors><Error><reasonCode>1503</reasonCode></Error></Errors>',
    code: 'invalid_token',
    vendorCode: '1503',
    renews: true,
  },
  {
    when: 'the token has expired, in an envelope without a list',
    status: 401,
    body: { Errors: { Error: { ReasonCode: '10023', Description: 'Expired (Finicity-App-Token)' } } },
    code: 'invalid_token',
    vendorCode: '10023',
    renews: true,
  },
  {
    when: 'the partner is locked, in words about the token',
    status: 401,
    body: { code: 24302, message: 'Expired (Finicity-App-Token)' },
    code: 'locked',
    vendorCode: '24302',
  },
  { when: 'the token is missing, in plain text', status: 401, body: 'Missing parameter (Finicity-App-Token)', code: 'forbidden' },
  {
    when: 'Connect gets a wrong partner id',
    status: 400,
    body: { code: '10010', status: '400', message: 'Invalid "partnerId" in request body', user_message: INVALID_FIELDS, tags: '' },
    code: 'invalid_request',
    vendorCode: '10010',
  },
];

const textOf = (body: Row['body']): string | null => (typeof body === 'object' && body !== null ? JSON.stringify(body) : body);

/** The vendor's own words, which no message repeats. */
const wordsOf = (body: Row['body']): readonly string[] =>
  [...(textOf(body) ?? '').matchAll(/(?:essage|escription)">?:?"?([^"<]{8,})/g)].map(([, words = '']) => words);

const typeOf = ({
  body,
  type = typeof body === 'object' ? 'application/json' : body.startsWith('<') ? 'text/html' : 'text/plain',
}: Row): string => type;

/** What the sandbox answers instead of doing what it was asked. */
const replyOf = (row: Row) =>
  ({ kind: 'status', status: row.status, body: textOf(row.body) ?? undefined, headers: { 'content-type': typeOf(row) } }) as const;

const errorOf = async (promise: Promise<unknown>): Promise<AuthError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (AuthError.is(error)) return error;
  throw new Error(`No AuthError, but ${error}.`);
};

/** Everything in an error that somebody could print. */
const visible = (error: AuthError): string => JSON.stringify([error, error.message, error.stack]);

/** What each error of the sandbox's catalogue means to a call with the credentials, and to a call with the token. */
const named: Readonly<Record<FinicityErrorName, readonly [withCredentials: AuthErrorCode, withToken?: AuthErrorCode]>> = {
  missingAppKey: ['invalid_request'],
  missingAppKeyWebhook: ['invalid_request'],
  invalidAppKeyText: ['invalid_credentials'],
  invalidAppKey10027: ['invalid_credentials'],
  invalidAppKeyErrorCode: ['invalid_credentials'],
  invalidAppKeyThrottled: ['rate_limited'],
  missingParameter: ['invalid_request'],
  missingParameterOldShape: ['invalid_request'],
  badRequest: ['invalid_request'],
  invalidCredentials: ['invalid_credentials'],
  notAuthorized: ['invalid_credentials'],
  unknownPartner: ['invalid_credentials'],
  unknownPartnerAs500: ['invalid_credentials'],
  locked: ['locked'],
  lockedAs401: ['locked'],
  secretAgainstPolicy: ['invalid_request'],
  regionBlocked: ['region_blocked'],
  maintenance: ['unavailable'],
  missingToken: ['invalid_request'],
  invalidToken: ['invalid_token'],
  invalidTokenConnect: ['invalid_token'],
  invalidTokenConsent: ['invalid_token'],
  expiredToken: ['invalid_token'],
  expiredTokenConnect: ['invalid_token'],
  expiredTokenComponents: ['invalid_token'],
  expiredTokenWebhook: ['invalid_token'],
  notOnThisPlan: ['invalid_credentials', 'forbidden'],
  throttled: ['rate_limited'],
  throttledMicroEntries: ['rate_limited'],
  productNotEnabled: ['forbidden'],
  securityFreeze: ['forbidden'],
  notAcceptable: ['invalid_request'],
  notAcceptableAsXml: ['invalid_request'],
  timedOut: ['timeout'],
  resourceNotFound: ['not_found'],
  customerNotFound: ['not_found'],
  institutionNotFound: ['not_found'],
  connectPartnerNotFound: ['not_found'],
  usernameTaken: ['conflict'],
  usernameAgainstPolicy: ['invalid_request'],
  invalidCharacterInName: ['invalid_request'],
  invalidCustomerType: ['invalid_request'],
  invalidStart: ['invalid_request'],
  invalidLimit: ['invalid_request'],
  accountTypeNotSupported: ['invalid_request'],
  connectInvalidPartner: ['invalid_request'],
};
const names = Object.entries(named).map(([name, [withCredentials, withToken = withCredentials]]) => ({
  name: name as FinicityErrorName, // the keys of that table
  withCredentials,
  withToken,
}));

describe.each(['in process', 'over HTTP'])('an error, %s', (way) => {
  let sandbox: FinicitySandbox;
  let server: Listening | undefined;
  let provider: FinicityProvider;

  beforeEach(async () => {
    sandbox = finicitySandbox();
    if (way === 'over HTTP') server = await sandbox.listen();
    provider = finicity({ ...sandbox.credentials, baseUrl: server?.url, fetch: server ? undefined : sandbox.fetch });
  });
  afterEach(async () => {
    await provider[Symbol.asyncDispose]();
    await server?.close();
    server = undefined;
  });

  const expectNoSecret = (error: AuthError): void => {
    const { partnerSecret, appKey } = sandbox.credentials;
    for (const secret of [partnerSecret, appKey, 'brandNewSecret_1']) expect(visible(error)).not.toContain(secret);
  };

  it.each(authentication)('of the authentication endpoint means $code when $when ($status)', async (row) => {
    const { status, code, vendorCode } = row;
    sandbox.faults.add({ times: 2, reply: replyOf(row) });
    const raw = await errorOf(provider.api.createToken(sandbox.credentials));
    expect(raw).toMatchObject({ code, status, vendorCode, provider: 'finicity', operation: 'api.createToken' });
    const token = await errorOf(provider.application.token());
    expect(token).toMatchObject({ code, status, vendorCode, operation: 'application.token', message: raw.message });
    for (const error of [raw, token]) {
      expectNoSecret(error);
      for (const words of wordsOf(row.body)) expect(visible(error)).not.toContain(words);
    }
  });

  it.each(authentication)('of a secret change that fails says so when $when ($status)', async (row) => {
    sandbox.faults.add({ reply: replyOf(row) });
    const error = await errorOf(provider.api.modifyPartnerSecret({ ...sandbox.credentials, newPartnerSecret: 'brandNewSecret_1' }));
    // An answer from somewhere else does not tell what the vendor did. A 503 does.
    const isUnclear = row.status !== 503 && (row.code === 'unavailable' || row.code === 'timeout');
    expect(error).toMatchObject({ code: isUnclear ? 'outcome_unknown' : row.code, status: row.status, vendorCode: row.vendorCode });
    expectNoSecret(error);
  });

  it.each(authenticated)('of a call with the token means $code to the operations when $when ($status)', async (row) => {
    const as = await provider.application.token();
    sandbox.faults.add({ reply: replyOf(row) });
    const error = await errorOf(provider.api.getInstitutions({}, { as }));
    expect(error).toMatchObject({ code: row.code, status: row.status, vendorCode: row.vendorCode, operation: 'api.getInstitutions' });
    expectNoSecret(error);
    expect(visible(error)).not.toContain(as.value);
    for (const words of wordsOf(row.body)) expect(visible(error)).not.toContain(words);
  });

  it.each(authenticated)('leaves authorizedFetch as the vendor sent it, or renews once ($renews), when $when ($status)', async (row) => {
    const { value } = await provider.application.token();
    sandbox.faults.add({ method: 'GET', reply: replyOf(row) });
    const response = await authorizedFetch(provider.application)('institution/v2/institutions');
    const body = await response.text();
    const isMended = row.renews === true;
    expect(response.status).toBe(isMended ? 200 : row.status);
    expect(body === (textOf(row.body) ?? '')).toBe(!isMended);
    expect((await provider.application.token()).value === value).toBe(!isMended);
    expect(sandbox.calls.filter(({ method }) => method === 'GET')).toHaveLength(isMended ? 2 : 1);
  });

  it.each(names)('called $name means $withCredentials beside the credentials, and $withToken beside the token', async (row) => {
    sandbox.faults.add({ times: 2, reply: { kind: 'error', error: row.name } });
    expect((await errorOf(provider.api.createToken(sandbox.credentials))).code).toBe(row.withCredentials);
    expect((await errorOf(provider.application.token())).code).toBe(row.withCredentials);
    await provider.application.reset();
    const { token: value } = await provider.api.createToken(sandbox.credentials);
    sandbox.faults.add({ reply: { kind: 'error', error: row.name } });
    const as = { value, issuedAt: Date.now(), expiresAt: null };
    expect((await errorOf(provider.api.getInstitutions({}, { as }))).code).toBe(row.withToken);
  });

  it.each(names)('called $name is fixed by authorizedFetch exactly if it is about the token', async ({ name, withToken }) => {
    const as = await provider.application.token();
    sandbox.faults.add({ method: 'GET', reply: { kind: 'error', error: name } });
    const response = await authorizedFetch(provider.application)('institution/v2/institutions');
    await response.text();
    expect(response.ok).toBe(withToken === 'invalid_token');
    expect(provider.application.peek() === as).toBe(!response.ok);
  });
});

describe('an answer to a request with the app token', () => {
  it.each(authenticated)('means $code when $when ($status)', async ({ status, body, code, vendorCode }) => {
    expect(explain(await readErrorAnswer(new Response(textOf(body), { status })))).toMatchObject({ code, vendorCode });
  });

  it.each(authenticated)('asks for a new token: $renews, when $when ($status)', async ({ status, body, renews = false }) => {
    expect(isTokenRefusal(await readErrorAnswer(new Response(textOf(body), { status })))).toBe(renews);
  });

  it.each([200, 400, 403, 404, 500])('never asks for a new token with status %i, whatever its code', async (status) => {
    expect(isTokenRefusal(await readErrorAnswer(new Response('{"code":10023}', { status })))).toBe(false);
  });
});

describe('a code', () => {
  const codeOf = async (body: string): Promise<string | undefined> =>
    explain(await readErrorAnswer(new Response(body, { status: 500 }))).vendorCode;

  it.each([
    ['a number', '{"code":24302}'],
    ['a string', '{"code":"24302"}'],
    ['errorCode', '{"errorCode":24302}'],
    ['errorCode as a string', '{"errorCode":"24302"}'],
    ['ReasonCode in the envelope', '{"Errors":{"Error":[{"ReasonCode":24302}]}}'],
    ['reasonCode in the envelope', '{"Errors":{"Error":[{"reasonCode":"24302"}]}}'],
    ['the first of several errors', '{"Errors":{"Error":[{"ReasonCode":24302},{"ReasonCode":1}]}}'],
    ['XML', '<error><code>24302</code></error>'],
    ['the only error, without a list', '{"Errors":{"Error":{"ReasonCode":24302}}}'],
    ['wrapped XML', '<Errors><Error><ReasonCode>24302</ReasonCode></Error></Errors>'],
    ['XML over several lines', '<error>\n  <code>\n 24302 </code>\n</error>'],
    ['an unusual field beside an unusable code', '{"code":null,"errorCode":24302}'],
  ])('is found as %s', async (_, body) => {
    expect(await codeOf(body)).toBe('24302');
  });

  it.each([
    '',
    'null',
    '[]',
    '42',
    '"24302"',
    '{}',
    '{"code":{}}',
    '{"code":true}',
    '{"Errors":{"Error":[]}}',
    '{"Errors":null}',
    '<error/>',
  ])('is absent in %j', async (body) => {
    expect(await codeOf(body)).toBeUndefined();
  });

  it.each(['constructor', '__proto__', 'toString', 'aqJ5Ic4SEVx2IgDQ6oR4', '24302 ', '1e3', '9'.repeat(5000)])(
    'is nothing but a few digits, so %.24j is none',
    async (code) => {
      expect(await codeOf(JSON.stringify({ code }))).toBeUndefined();
      expect(await codeOf(`<error><code>${code}</code></error>`)).toBe(code === '24302 ' ? '24302' : undefined);
    },
  );
});

describe('a message', () => {
  it.each([...authentication, ...authenticated])('repeats nothing of the answer when $when ($status)', async ({ status, body }) => {
    const { message } = explain(await readErrorAnswer(new Response(textOf(body), { status })));
    for (const words of wordsOf(body)) expect(message).not.toContain(words);
  });

  it.each([...authentication, ...authenticated])(
    'says what happened, and then what to do, when $when ($status)',
    async ({ status, body }) => {
      const { message } = explain(await readErrorAnswer(new Response(textOf(body), { status })));
      expect(message).toMatch(/^[A-Z].{10,}?\. [A-Z].{5,}[.?]$/);
    },
  );

  it.each([
    [{ status: 401, body: '{"code":10001}' }, 'FINICITY_PARTNER_SECRET'],
    [{ status: 404, body: '{"code":12401}' }, 'FINICITY_PARTNER_ID'],
    [{ status: 401, body: 'Invalid (Finicity-App-Key)' }, 'FINICITY_APP_KEY'],
    [{ status: 429, body: null }, 'FINICITY_APP_KEY'],
    [{ status: 500, body: '{"code":24302}' }, 'support'],
    [{ status: 403, body: null }, 'from the US, Canada, the UK or Australia'],
    [{ status: 400, body: '{"code":24437}' }, '12 to 255'],
    [{ status: 401, body: null }, 'plan'],
    [{ status: 418, body: null }, 'base URL'],
  ])('tells what to do about %j', async ({ status, body }, advice) => {
    expect(explain(await readErrorAnswer(new Response(body, { status }))).message).toContain(advice);
  });
});
