import type { AuthErrorCode } from '@auth/core';
import type { ErrorAnswer } from '@auth/core/kit';
import { describe, expect, it } from 'vitest';
import { explain } from './errors.ts';

const refusal = (status: number, body: unknown, hasToken = true): ErrorAnswer => ({
  operation: 'api.getUser',
  hasToken,
  status,
  headers: new Headers(),
  body,
});

describe('explain, by the code of the vendor', () => {
  it.each<[string, number, AuthErrorCode]>([
    ['missingParameter', 400, 'invalid_request'],
    ['invalidValue', 400, 'invalid_request'],
    ['invalidValue', 409, 'conflict'],
    ['methodNotAllowed', 405, 'invalid_request'],
    ['config', 400, 'invalid_request'],
    ['notSupported', 400, 'invalid_request'],
    ['dataError', 500, 'invalid_request'],
    ['forbidden', 403, 'forbidden'],
    ['connectionLocked', 409, 'conflict'],
    ['tooManySync', 400, 'rate_limited'],
    ['noAccount', 400, 'not_found'],
    ['wrongpass', 400, 'reconnect_required'],
    ['actionNeeded', 400, 'reconnect_required'],
    ['bankMessage', 400, 'reconnect_required'],
    ['websiteUnavailable', 400, 'unavailable'],
    ['SCARequired', 400, 'reconnect_required'],
    ['webauthRequired', 400, 'reconnect_required'],
    ['additionalInformationNeeded', 400, 'reconnect_required'],
    ['decoupled', 400, 'reconnect_required'],
    ['passwordExpired', 400, 'reconnect_required'],
    ['validating', 400, 'conflict'],
    ['rateLimiting', 400, 'rate_limited'],
    ['bug', 500, 'unavailable'],
    ['keymanager', 500, 'unavailable'],
    ['invalid_client', 400, 'invalid_credentials'],
    ['invalid_grant', 400, 'invalid_token'],
  ])('takes %s with status %i as %s', (vendorCode, status, code) => {
    expect(explain(refusal(status, { code: vendorCode }))).toMatchObject({ code, vendorCode });
  });

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'goes by the status for the code %s, which is no code',
    (vendorCode) => {
      expect(explain(refusal(404, JSON.parse(`{"code":"${vendorCode}"}`)))).toMatchObject({ code: 'not_found', vendorCode });
    },
  );
});

describe('explain, by the status', () => {
  it.each<[number, AuthErrorCode]>([
    [400, 'invalid_request'],
    [401, 'invalid_token'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [408, 'timeout'],
    [409, 'conflict'],
    [418, 'invalid_response'],
    [429, 'rate_limited'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [302, 'invalid_response'],
  ])('takes %i with a code that nobody documented as %s', (status, code) => {
    expect(explain(refusal(status, { code: 'somethingNew' }))).toMatchObject({ code, vendorCode: 'somethingNew' });
    expect(explain(refusal(status, null))).toMatchObject({ code });
  });

  it.each([401, 403])('takes %i as wrong client credentials where no token was sent', (status) => {
    expect(explain(refusal(status, { code: 'unauthorized' }, false))).toMatchObject({
      code: 'invalid_credentials',
      message: expect.stringMatching(/clientId \(BUDGEA_CLIENT_ID\).*clientSecret \(BUDGEA_CLIENT_SECRET\)/),
    });
  });
});

describe('explain, for a page in the place of JSON', () => {
  const page = '<html><head><title>ERROR: The request could not be satisfied</title></head></html>';

  it.each([400, 401, 403, 404, 405, 500, 502, 503, 504])('takes it as a gateway that is in the way, with status %i', (status) => {
    for (const hasToken of [true, false]) expect(explain(refusal(status, page, hasToken))).toMatchObject({ code: 'unavailable' });
  });

  it.each<[number, AuthErrorCode]>([
    [408, 'timeout'],
    [429, 'rate_limited'],
  ])('believes a gateway that says %i', (status, code) => {
    expect(explain(refusal(status, page))).toMatchObject({ code });
  });

  it('quotes its title, if that has nothing but well-known words', () => {
    expect(explain(refusal(503, page)).message).toMatch(/the page "ERROR The request could not be satisfied" and status 503/);
  });

  it('quotes nothing that could be a piece of the request', () => {
    const repeating = '<html><head><title>Bad Request: client_secret=hunter2</title></head><body>hunter2</body></html>';
    expect(JSON.stringify(explain(refusal(400, repeating)))).not.toMatch(/hunter2|Bad/);
  });
});

describe('explain, for what only could be the client secret', () => {
  const ask = (operation: string, status: number) => explain({ ...refusal(status, { code: 'somethingNew' }, false), operation });

  it.each([401, 403])('does not take it for the secret when a code was exchanged, with status %i', (status) => {
    expect(ask('api.exchangeCode', status)).toMatchObject({ code: 'invalid_token' });
    expect(ask('api.renewToken', status)).toMatchObject({ code: 'invalid_credentials' });
  });

  it('speaks of the client, not of a token, where none was sent', () => {
    const forbidden = (hasToken: boolean) => explain(refusal(403, { code: 'forbidden' }, hasToken));
    expect(forbidden(false)).toMatchObject({ code: 'forbidden', message: expect.stringContaining('your client') });
    expect(forbidden(true)).toMatchObject({ code: 'forbidden', message: expect.stringContaining('this token') });
  });

  it('does not take a service token that the client may not have for it', () => {
    expect(ask('api.createServiceToken', 403)).toMatchObject({ code: 'forbidden' });
    expect(ask('api.createServiceToken', 401)).toMatchObject({ code: 'invalid_credentials' });
  });
});

describe('explain, for the request id', () => {
  it.each([
    ['a number', 1234, '1234'],
    ['a string', 'req-1234', 'req-1234'],
    ['null', null, undefined],
    ['left out', undefined, undefined],
  ])('reads one that is %s', (_, given, requestId) => {
    expect(explain(refusal(400, { code: 'invalidValue', request_id: given })).requestId).toBe(requestId);
  });

  it.each([
    ['that is no code', { code: 'echo:SECRET stuff' }],
    ['of many characters', { code: 'SECRET'.repeat(100) }],
    ['that is no text', { code: { echo: 'SECRET' } }],
  ])('keeps a code %s out of it, and goes by the status', (_, given) => {
    const explained = explain(refusal(404, { ...given, request_id: 'req-1234' }));
    expect(explained).toMatchObject({ code: 'not_found', requestId: 'req-1234' });
    expect(explained.vendorCode).toBeUndefined();
    expect(JSON.stringify(explained)).not.toContain('SECRET');
  });

  it.each([
    ['of 100,000 characters', 'a'.repeat(100_000)],
    ['with a space', 'echo SECRET'],
    ['with a line break', 'req-1\nSECRET'],
    ['that is no text', { echo: 'SECRET' }],
  ])('keeps a request id %s out of it, and still knows the code', (_, request_id) => {
    const explained = explain(refusal(400, { code: 'wrongpass', request_id }));
    expect(explained).toMatchObject({ code: 'reconnect_required', vendorCode: 'wrongpass' });
    expect(explained.requestId).toBeUndefined();
    expect(JSON.stringify(explained).length).toBeLessThan(1_000);
  });

  it('quotes neither description nor message, which can hold what was sent', () => {
    const body = { code: 'invalidValue', description: 'client_secret=hunter2', message: 'hunter2', request_id: 1 };
    expect(JSON.stringify(explain(refusal(400, body)))).not.toContain('hunter2');
  });
});
