import { type AuthErrorCode, authorizedFetch } from '@auth/core';
import { readErrorAnswer } from '@auth/core/kit';
import { type FinicityErrorName, finicitySandbox } from '@auth/sandbox';
import { describe, expect, it } from 'vitest';
import { answer, errorOf, openVendor } from '../test/vendor.ts';
import { CODES, explain, isTokenRefusal } from './errors.ts';

/** What an answer means beside a token, the vendor's code in it, and what the answer means beside credentials if that differs. */
type Meaning = readonly [code: AuthErrorCode, vendorCode?: string | undefined, withCredentials?: AuthErrorCode];

/** The errors of the sandbox, each in the words of the vendor's documentation. */
const DOCUMENTED: Readonly<Record<FinicityErrorName, Meaning>> = {
  missingAppKey: ['invalid_request', '10026'],
  missingAppKeyWebhook: ['invalid_request', '1504'],
  invalidAppKeyText: ['invalid_credentials'],
  invalidAppKey10027: ['invalid_credentials', '10027'],
  invalidAppKeyErrorCode: ['invalid_credentials', '401'],
  invalidAppKeyThrottled: ['rate_limited'],
  missingParameter: ['invalid_request', '10005'],
  missingParameterOldShape: ['invalid_request', '10010'],
  badRequest: ['invalid_request', '14020'],
  invalidCredentials: ['invalid_credentials', '10001'],
  notAuthorized: ['invalid_credentials', '10021'],
  unknownPartner: ['invalid_credentials', '12401'],
  unknownPartnerAs500: ['invalid_credentials', '12401'],
  locked: ['locked', '24302'],
  lockedAs401: ['locked', '24302'],
  secretAgainstPolicy: ['invalid_request', '24437'],
  regionBlocked: ['region_blocked'],
  maintenance: ['unavailable'],
  missingToken: ['invalid_request', '10024'],
  invalidToken: ['invalid_token', '10022'],
  invalidTokenConnect: ['invalid_token', '10022'],
  invalidTokenConsent: ['invalid_token', '10022'],
  expiredToken: ['invalid_token', '10023'],
  expiredTokenConnect: ['invalid_token', '10023'],
  expiredTokenComponents: ['invalid_token', '10023'],
  expiredTokenWebhook: ['invalid_token', '1503'],
  notOnThisPlan: ['forbidden', undefined, 'invalid_credentials'],
  throttled: ['rate_limited'],
  throttledMicroEntries: ['rate_limited', '3300001'],
  productNotEnabled: ['forbidden', '403'],
  securityFreeze: ['forbidden', '10405'],
  notAcceptable: ['invalid_request', '20000'],
  notAcceptableAsXml: ['invalid_request', '14025'],
  timedOut: ['timeout', '10030'],
  resourceNotFound: ['not_found', '14001'],
  customerNotFound: ['not_found', '14001'],
  institutionNotFound: ['not_found', '14006'],
  connectPartnerNotFound: ['not_found', '14003'],
  usernameTaken: ['conflict', '110002'],
  usernameAgainstPolicy: ['invalid_request', '110039'],
  invalidCharacterInName: ['invalid_request', '45003'],
  invalidCustomerType: ['invalid_request', '14016'],
  invalidStart: ['invalid_request', '41003'],
  invalidLimit: ['invalid_request', '41004'],
  accountTypeNotSupported: ['invalid_request', '14020'],
  connectInvalidPartner: ['invalid_request', '10010'],
};

const inEnvelope = (error: object): object => ({ Errors: { Error: [error] } });

/** Other answers: the same errors in other shapes, codes that the sandbox does not send, and those of gateways. */
const OTHERS: readonly (readonly [when: string, status: number, body: string | object | null, ...Meaning])[] = [
  ['the app key is wrong, in Australia', 401, 'Invalid (App-Key)', 'invalid_credentials'],
  ['the app key is wrong, in the envelope', 401, inEnvelope({ Description: 'Invalid (Finicity-App-Key)' }), 'invalid_credentials'],
  ['the app key is wrong, in another envelope', 401, inEnvelope({ description: 'Invalid (App-Key)' }), 'invalid_credentials'],
  ['the app key is wrong, as a parameter', 401, { message: 'Invalid parameter (Finicity-App-Key)' }, 'invalid_credentials'],
  ['the words of a wrong app key have another status', 403, 'Invalid (Finicity-App-Key)', 'region_blocked'],
  ['the partner is unknown, in the envelope', 404, inEnvelope({ ReasonCode: 12401 }), 'invalid_credentials', '12401'],
  ['the credentials are refused in XML', 401, '<error><code>10001</code></error>', 'invalid_credentials', '10001'],
  ['the credentials are refused in wrapped XML', 401, '<Error><ReasonCode>10001</ReasonCode></Error>', 'invalid_credentials', '10001'],
  ['the caller is in the wrong country, in HTML', 403, '<html>Access denied</html>', 'region_blocked'],
  ['the service is down, in HTML', 503, '<html><h1>Service Unavailable</h1></html>', 'unavailable'],
  ['a gateway gives up', 502, '<html><h1>Bad Gateway</h1></html>', 'unavailable'],
  ['the service fails without a body', 500, null, 'unavailable'],
  ['the service fails with an unknown code', 500, { code: 103, message: 'Invalid credentials' }, 'unavailable', '103'],
  ['the request is refused without a code', 400, null, 'invalid_request'],
  ['the format is refused without a code', 406, null, 'invalid_request'],
  ['the vendor times out without a body', 408, null, 'timeout'],
  ['there is a conflict without a code', 409, null, 'conflict'],
  ['the path is wrong', 404, '<html>Not found</html>', 'not_found'],
  ['the base URL redirects', 302, null, 'invalid_response'],
  ['a status is not documented', 418, null, 'invalid_response'],
  ['the refusal has an unknown code', 401, { code: 99999, message: 'No.' }, 'forbidden', '99999', 'invalid_credentials'],
  ['the token is missing, in plain text', 401, 'Missing parameter (Finicity-App-Token)', 'forbidden', undefined, 'invalid_credentials'],
  ['the token has expired, in plain text', 401, 'Expired (Finicity-App-Token)', 'invalid_token'],
  ['the token has expired, in Australia', 401, 'Expired (App-Token)', 'invalid_token'],
  ['the token has expired, in XML', 401, '<error><code>10023</code></error>', 'invalid_token', '10023'],
  ['the token has expired, in wrapped XML', 401, '<Error><reasonCode>1503</reasonCode></Error>', 'invalid_token', '1503'],
  ['the token has expired, with errorCode', 401, { errorCode: 10023 }, 'invalid_token', '10023'],
  ['the token is unknown, the status being the code', 401, { errorCode: 401, message: 'Invalid App-Token' }, 'invalid_token', '401'],
  ['the token has expired, without a list', 401, { Errors: { Error: { ReasonCode: '10023' } } }, 'invalid_token', '10023'],
  ['the partner is locked, in words about the token', 401, { code: 24302, message: 'Expired (App-Token)' }, 'locked', '24302'],
  ['the bank takes no more calls', 500, { code: 977 }, 'rate_limited', '977'],
  ['the customer disputes the data', 403, { code: 10406 }, 'forbidden', '10406'],
  ['the consumer exists', 409, { code: 11000, message: 'Consumer exists.' }, 'conflict', '11000'],
  ['a customer id is none', 400, { code: 14023 }, 'invalid_request', '14023'],
  ['the username breaks the policy, as a failure', 500, { code: 110039 }, 'invalid_request', '110039'],
  ['a field must be a number', 400, { code: '1000' }, 'invalid_request', '1000'],
  ['a value is negative', 400, { code: '1618' }, 'invalid_request', '1618'],
  ['the institution login is unknown', 404, { code: '3003' }, 'not_found', '3003'],
  ['the institution login has no details', 404, { code: '3004' }, 'not_found', '3004'],
  ['the experience is unknown', 404, { code: '4004' }, 'not_found', '4004'],
  ['nothing would change', 400, { code: '10025' }, 'invalid_request', '10025'],
  ['the consent receipt is unknown', 404, { code: '10215' }, 'not_found', '10215'],
  ['the fields are unknown', 400, { code: '12019' }, 'invalid_request', '12019'],
  ['the state is unknown', 400, { code: '18017' }, 'invalid_request', '18017'],
  ['the customer had all reports', 400, { code: '20400' }, 'forbidden', '20400'],
  ['the login has no accounts', 404, { code: '38007' }, 'not_found', '38007'],
  ['the customer is temporary', 400, { code: '50016' }, 'invalid_request', '50016'],
  ['there is no application', 404, { code: '50051' }, 'not_found', '50051'],
  ['there is no subscription', 404, { code: '60013' }, 'not_found', '60013'],
  ['the consumer is unknown, by a code that means anything', 404, { code: '10100' }, 'not_found', '10100'],
  ['the consumer is wrong, by a code that means anything', 400, { code: '10100' }, 'invalid_request', '10100'],
];

const asResponse = (status: number, body: string | object | null): Response =>
  new Response(typeof body === 'object' && body !== null ? JSON.stringify(body) : body, { status });

/** The sandbox's answer with this error. */
const documented = async (error: FinicityErrorName): Promise<Response> => {
  const { faults, fetch } = finicitySandbox();
  faults.add({ reply: { kind: 'error', error } });
  return fetch('https://api.finicity.com/', { headers: { accept: 'application/json' } });
};

type Row = readonly [when: string, respond: () => Promise<Response>, meaning: Meaning];
const ROWS: readonly Row[] = [
  ...Object.entries(DOCUMENTED).map(([name, meaning]): Row => [name, () => documented(name as FinicityErrorName), meaning]), // a key
  ...OTHERS.map(([when, status, body, ...meaning]): Row => [when, async () => asResponse(status, body), meaning]),
];

/** The vendor's own words in a body. */
const wordsIn = (text: string): readonly string[] =>
  [...text.matchAll(/(?:essage|escription)">?:?"?([^"<]{8,})/g)].map(([, words = '']) => words);

describe('an answer', () => {
  it.each(ROWS)('%s: means this to the caller, in words of our own that say what to do', async (_, respond, meaning) => {
    const [code, vendorCode, withCredentials = code] = meaning;
    const response = await respond();
    const words = wordsIn(await response.clone().text());
    const found = await readErrorAnswer(response.clone());
    const explanations = [explain(found), explain({ ...found, hasToken: false })];
    expect(explanations.map((one) => [one.code, one.vendorCode])).toEqual([code, withCredentials].map((each) => [each, vendorCode]));
    expect(isTokenRefusal(found)).toBe(code === 'invalid_token');
    for (const { message } of explanations) {
      expect(message).toMatch(/^[A-Z].{10,}?\. [A-Z].{5,}[.?]$/);
      expect(words.filter((each) => message.includes(each))).toEqual([]);
    }
  });

  it('has a row here for every code that is explained', () => {
    const codes = ROWS.map(([, , [, vendorCode]]) => vendorCode);
    expect(Object.keys(CODES).filter((code) => !codes.includes(code))).toEqual([]);
  });

  it.each([200, 400, 403, 404, 500])('never asks for a new token with status %i, whatever its code', async (status) => {
    expect(isTokenRefusal(await readErrorAnswer(asResponse(status, { code: 10023 })))).toBe(false);
  });

  it.each([
    [401, '{"code":10001}', 'FINICITY_PARTNER_SECRET'],
    [404, '{"code":12401}', 'FINICITY_PARTNER_ID'],
    [401, 'Invalid (Finicity-App-Key)', 'FINICITY_APP_KEY'],
    [429, null, 'FINICITY_APP_KEY'],
    [500, '{"code":24302}', 'support'],
    [403, null, 'from the US, Canada, the UK or Australia'],
    [403, '{"code":17}', 'Ask Finicity to enable it'],
    [400, '{"code":24437}', '12 to 255'],
    [401, null, 'plan'],
    [502, null, 'status 502'],
    [418, null, 'base URL'],
  ])('with status %i and the body %j tells what to do', async (status, body, advice) => {
    expect(explain(await readErrorAnswer(asResponse(status, body))).message).toContain(advice);
  });

  it.each([
    [401, 'invalid_credentials', undefined, null],
    [500, 'locked', '24302', { code: 24302 }],
    [403, 'region_blocked', undefined, null],
  ] as const)('to the credentials, with status %i, is %s to the operation and to the token, in the same words', async (...row) => {
    const [status, code, vendorCode, body] = row;
    const { sandbox, provider } = openVendor();
    const { api, application } = provider();
    sandbox.faults.add({ times: 2, reply: body === null ? { kind: 'status', status } : answer(body, status) });
    const raw = await errorOf(api.createToken(sandbox.credentials));
    expect(raw).toMatchObject({ code, status, vendorCode, provider: 'finicity', operation: 'api.createToken' });
    const { message } = raw;
    expect(await errorOf(application.token())).toMatchObject({ code, status, vendorCode, operation: 'application.token', message });
  });
});

describe('a product that passes throwHttpErrors', () => {
  it.each(ROWS)('is told by an AuthError when %s', async (_, respond, [code, vendorCode]) => {
    const { provider } = openVendor();
    const { application, asUser } = provider();
    const [response, again] = [await respond(), await respond()];
    const { message } = explain(await readErrorAnswer(response.clone()));
    const expected = { code, vendorCode, message, status: response.status, provider: 'finicity', operation: 'authorizedFetch' };
    for (const authority of [application, asUser('1005061234')]) {
      expect(await authority.errorOf(response)).toMatchObject(expected);
      const fetch = authorizedFetch(authority, { throwHttpErrors: true, fetch: async () => again.clone() });
      expect(await errorOf(fetch('aggregation/v1/customers'))).toMatchObject(expected);
    }
  });

  it('is told by the status of an answer whose body it has read', async () => {
    const { application } = openVendor().provider();
    const response = asResponse(401, { code: 10023 });
    await response.text();
    expect(await application.errorOf(response)).toMatchObject({ code: 'forbidden', status: 401, vendorCode: undefined });
  });
});

describe('a code', () => {
  const codeIn = async (body: string): Promise<string | undefined> => explain(await readErrorAnswer(asResponse(500, body))).vendorCode;

  it.each([
    ['a number', '{"code":24302}'],
    ['a string', '{"code":"24302"}'],
    ['errorCode', '{"errorCode":24302}'],
    ['errorCode as a string', '{"errorCode":"24302"}'],
    ['ReasonCode in the envelope', '{"Errors":{"Error":[{"ReasonCode":24302}]}}'],
    ['reasonCode in the envelope', '{"Errors":{"Error":[{"reasonCode":"24302"}]}}'],
    ['the first of several errors', '{"Errors":{"Error":[{"ReasonCode":24302},{"ReasonCode":1}]}}'],
    ['the only error, without a list', '{"Errors":{"Error":{"ReasonCode":24302}}}'],
    ['XML', '<error><code>24302</code></error>'],
    ['errorCode in XML', '<error><errorCode>24302</errorCode></error>'],
    ['wrapped XML', '<Errors><Error><ReasonCode>24302</ReasonCode></Error></Errors>'],
    ['XML over several lines', '<error>\n  <code>\n 24302 </code>\n</error>'],
    ['an unusual field beside an unusable code', '{"code":null,"errorCode":24302}'],
  ])('is found as %s', async (_, body) => {
    expect(await codeIn(body)).toBe('24302');
  });

  it.each([
    ...['', 'null', '[]', '42', '"24302"', '{}', '{"code":{}}', '{"code":true}'],
    ...['{"Errors":{"Error":[]}}', '{"Errors":null}', '<error/>', '<code>24302</errorCode>'],
  ])('is absent in %j', async (body) => {
    expect(await codeIn(body)).toBeUndefined();
  });

  it.each(['constructor', '__proto__', 'toString', 'aqJ5Ic4SEVx2IgDQ6oR4', '24302 ', '1e3', '9'.repeat(5000)])(
    'is nothing but a few digits, so %.24j is none',
    async (code) => {
      expect(await codeIn(JSON.stringify({ code }))).toBeUndefined();
      expect(await codeIn(`<error><code>${code}</code></error>`)).toBe(code === '24302 ' ? '24302' : undefined);
    },
  );
});
