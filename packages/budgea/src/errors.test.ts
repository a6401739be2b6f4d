import { type AuthErrorCode, authorizedFetch } from '@auth/core';
import type { ErrorAnswer } from '@auth/core/kit';
import { describe, expect, it } from 'vitest';
import { errorOf, openUser } from '../test/setup.ts';
import { CODES, explain, STATUSES } from './errors.ts';

const ANSWER = { operation: 'api.getUser', headers: new Headers() };
const refusal = (status: number, body: unknown, hasToken = true): ErrorAnswer => ({ ...ANSWER, status, body, hasToken });

/** The vendor's codes by their meaning. */
const MEANINGS: readonly [AuthErrorCode, readonly string[]][] = [
  ['invalid_request', ['missingParameter', 'invalidValue', 'methodNotAllowed', 'config', 'notSupported', 'dataError']],
  ['reconnect_required', ['SCARequired', 'webauthRequired', 'additionalInformationNeeded', 'decoupled', 'passwordExpired']],
  ['reconnect_required', ['wrongpass', 'actionNeeded', 'bankMessage']],
  ['conflict', ['validating', 'connectionLocked']],
  ['rate_limited', ['rateLimiting', 'tooManySync']],
  ['forbidden', ['forbidden']],
  ['not_found', ['noAccount']],
  ['unavailable', ['websiteUnavailable', 'bug', 'keymanager']],
  ['invalid_credentials', ['invalid_client']],
  ['invalid_token', ['invalid_grant']],
];

describe('explain', () => {
  it.each(MEANINGS)('goes by the code of the vendor, whatever the status: %s for %j', (code, vendorCodes) => {
    for (const vendorCode of vendorCodes)
      for (const status of [400, 403, 405, 500])
        expect(explain(refusal(status, { code: vendorCode })), vendorCode).toMatchObject({
          code,
          vendorCode,
          message: expect.stringMatching(/\.$/),
        });
  });

  it('has no code that is not listed here', () => {
    expect(Object.keys(CODES).sort()).toEqual(MEANINGS.flatMap(([, vendorCodes]) => vendorCodes).sort());
  });

  it('takes invalidValue with status 409 for a conflict', () => {
    expect(explain(refusal(409, { code: 'invalidValue' }))).toMatchObject({ code: 'conflict', vendorCode: 'invalidValue' });
  });

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('goes by the status for %s, which is no code', (vendorCode) => {
    expect(explain(refusal(404, JSON.parse(`{"code":"${vendorCode}"}`)))).toMatchObject({ code: 'not_found', vendorCode });
  });

  it.each<[number, AuthErrorCode]>([
    [302, 'invalid_response'],
    [400, 'invalid_request'],
    [401, 'invalid_token'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [408, 'timeout'],
    [409, 'conflict'],
    [418, 'invalid_response'],
    [429, 'rate_limited'],
    [500, 'unavailable'],
    [503, 'unavailable'],
  ])('goes by status %i without a code that is known: %s', (status, code) => {
    expect(explain(refusal(status, { code: 'somethingNew' }))).toMatchObject({ code, vendorCode: 'somethingNew' });
    expect(explain(refusal(status, null))).toMatchObject({ code });
  });

  it.each<[string, number, AuthErrorCode, RegExp]>([
    ['api.renewToken', 401, 'invalid_credentials', /clientId \(BUDGEA_CLIENT_ID\).*clientSecret \(BUDGEA_CLIENT_SECRET\)/],
    ['api.renewToken', 403, 'invalid_credentials', /clientId \(BUDGEA_CLIENT_ID\).*clientSecret \(BUDGEA_CLIENT_SECRET\)/],
    // Anyone can bring a code.
    ['api.exchangeCode', 401, 'invalid_token', /the code or the client/],
    ['api.exchangeCode', 403, 'invalid_token', /the code or the client/],
    ['api.createServiceToken', 401, 'invalid_credentials', /clientSecret/],
    ['api.createServiceToken', 403, 'forbidden', /may not have these scopes/],
  ])('looks at what %s carried, where no token was sent, for status %i: %s', (operation, status, code, message) => {
    const explained = explain({ ...refusal(status, { code: 'somethingNew' }, false), operation });
    expect(explained).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it.each([
    [false, 'your client'],
    [true, 'this token'],
  ])('says of forbidden what may not do this, where a token was sent: %s', (hasToken, what) => {
    const message = expect.stringContaining(what);
    expect(explain(refusal(403, { code: 'forbidden' }, hasToken))).toMatchObject({ code: 'forbidden', message });
  });
});

describe('explain, for a page in the place of JSON', () => {
  const page = '<html><head><title>ERROR: The request could not be satisfied</title></head></html>';

  it.each([400, 401, 403, 404, 405, 500, 502, 503, 504])('takes a gateway for what is in the way, with status %i', (status) => {
    for (const hasToken of [true, false]) expect(explain(refusal(status, page, hasToken))).toMatchObject({ code: 'unavailable' });
  });

  it('believes a gateway about time and limits', () => {
    expect([408, 429].map((status) => explain(refusal(status, page)).code)).toEqual(['timeout', 'rate_limited']);
  });

  it('quotes the title if that has nothing but well-known words, and nothing that could be a piece of the request', () => {
    expect(explain(refusal(503, page)).message).toMatch(/the page "ERROR The request could not be satisfied" and status 503/);
    const repeating = '<html><head><title>Bad Request: client_secret=hunter2</title></head><body>hunter2</body></html>';
    expect(JSON.stringify(explain(refusal(400, repeating)))).not.toMatch(/hunter2|Bad/);
  });
});

describe('explain, for what an answer says', () => {
  it.each([
    [1234, '1234'],
    ['req-1234', 'req-1234'],
    [null, undefined],
    [undefined, undefined],
    ['a'.repeat(65), undefined],
    ['echo SECRET', undefined],
    ['req-1\nSECRET', undefined],
    [{ echo: 'SECRET' }, undefined],
  ])('reads the request id %j as %j, and still knows the code', (request_id, requestId) => {
    const explained = explain(refusal(400, { code: 'wrongpass', request_id }));
    expect(explained).toMatchObject({ code: 'reconnect_required', vendorCode: 'wrongpass' });
    expect(explained.requestId).toBe(requestId);
  });

  it.each(['echo:SECRET stuff', 'SECRET'.repeat(7), { echo: 'SECRET' }])('keeps %j, which is no code, out of the error', (code) => {
    const explained = explain(refusal(404, { code, request_id: 'req-1234' }));
    expect(explained).toMatchObject({ code: 'not_found', requestId: 'req-1234' });
    expect(explained.vendorCode).toBeUndefined();
    expect(JSON.stringify(explained)).not.toContain('SECRET');
  });

  it('quotes neither description nor message, which can hold what was sent', () => {
    const body = { code: 'invalidValue', description: 'client_secret=hunter2', message: 'hunter2', request_id: 1 };
    expect(JSON.stringify(explain(refusal(400, body)))).not.toContain('hunter2');
  });
});

describe('a product that passes throwHttpErrors', () => {
  const page = '<html><head><title>Service Unavailable</title></head></html>';
  const answers: readonly (readonly [status: number, body: string])[] = [
    ...Object.keys(CODES).flatMap((code) => [400, 409].map((status) => [status, JSON.stringify({ code, request_id: 'req-1' })] as const)),
    ...[302, 401, 403, 418, 500, 503, ...Object.keys(STATUSES).map(Number)].flatMap((status) =>
      ['', '{}', '{"code":"somethingNew"}', page].map((body) => [status, body] as const),
    ),
  ];

  it.each(answers)('is told by an AuthError, as an operation of the api would be: %s %s', async (status, body) => {
    const { vendor, provider, userId } = await openUser();
    const explained = explain(refusal(status, body === page ? page : body === '' ? null : JSON.parse(body)));
    const expected = { ...explained, status, provider: 'budgea', operation: 'authorizedFetch' };
    const authority = provider.asUser(userId);
    const response = new Response(body || null, { status });
    expect(await authority.errorOf(response)).toMatchObject(expected);
    expect(await response.text()).toBe(body);
    vendor.answer(status, body, { path: 'users/me/accounts', times: 2 });
    expect(await errorOf(authorizedFetch(authority, { throwHttpErrors: true })('/users/me/accounts'))).toMatchObject(expected);
  });
});
