import { describe, expect, it } from 'vitest';
import { budgeaCaller } from '../../test/budgea-caller.ts';
import type { BudgeaErrorName } from './errors.ts';

/** Status in 2019, status today, code. */
const ERRORS: Readonly<Record<Exclude<BudgeaErrorName, 'cloudfront'>, readonly [number, number, string]>> = {
  missingToken: [403, 401, 'unauthorized'],
  badToken: [403, 401, 'unauthorized'],
  badClient: [403, 401, 'invalid_client'],
  badCode: [400, 400, 'invalid_grant'],
  authFailure: [403, 401, 'authFailure'],
  forbidden: [403, 403, 'forbidden'],
  notFound: [404, 404, 'notFound'],
  methodNotAllowed: [405, 405, 'methodNotAllowed'],
  missingParameter: [400, 400, 'missingParameter'],
  invalidValue: [400, 400, 'invalidValue'],
  badRedirectUri: [400, 400, 'invalidValue'],
  badBody: [400, 400, 'badRequest'],
  conflict: [409, 409, 'invalidValue'],
  noAccount: [400, 400, 'noAccount'],
  wrongpass: [400, 400, 'wrongpass'],
  websiteUnavailable: [400, 400, 'websiteUnavailable'],
  tooManySync: [400, 400, 'tooManySync'],
  connectionLocked: [409, 409, 'connectionLocked'],
  bankMessage: [400, 400, 'bankMessage'],
  actionNeeded: [400, 400, 'actionNeeded'],
  rateLimiting: [400, 400, 'rateLimiting'],
  notSupported: [400, 400, 'notSupported'],
  config: [400, 400, 'config'],
  keymanager: [500, 500, 'keymanager'],
  dataError: [500, 500, 'dataError'],
  bug: [500, 500, 'bug'],
  rateLimited: [429, 429, 'tooManyRequests'],
  unavailable: [503, 503, 'serviceUnavailable'],
};

/** Errors that come from the bank and have words for the end user. */
const WITH_MESSAGE: ReadonlySet<string> = new Set(['wrongpass', 'bankMessage', 'actionNeeded']);

describe('the vendor’s errors', () => {
  const rows = Object.entries(ERRORS).map(([name, [then, now, code]]) => ({ name: name as BudgeaErrorName, then, now, code })); // the table's keys

  it.each(rows)('$name is $now today', async ({ name, now, code }) => {
    const { sandbox, send } = budgeaCaller();
    sandbox.faults.add({ reply: { kind: 'error', error: name } });
    const { status, headers, body } = await send('GET', 'users/me');
    expect([status, headers.get('content-type')]).toEqual([now, 'application/json']);
    expect(body).toEqual({
      code,
      description: expect.stringMatching(/^.{3,}/),
      message: WITH_MESSAGE.has(name) ? expect.any(String) : null,
      request_id: expect.any(Number),
    });
    expect(sandbox.calls[0]?.code).toBe(code);
  });

  it.each(rows)('$name was $then in 2019', async ({ name, then, code }) => {
    const { sandbox, send } = budgeaCaller({ profile: '2019' });
    sandbox.faults.add({ reply: { kind: 'error', error: name } });
    const { status, headers, body } = await send('GET', 'users/me');
    expect([status, headers.get('content-type')]).toEqual([then, 'application/json']);
    expect(body).toEqual({ code, message: expect.stringMatching(/^.{3,}/) });
  });

  it.each(['2019', 'powens'] as const)('cloudfront is a page and no JSON (%s)', async (profile) => {
    const { sandbox, send } = budgeaCaller({ profile });
    sandbox.faults.add({ reply: { kind: 'error', error: 'cloudfront' } });
    const { status, headers, text } = await send('GET', 'users/me');
    expect([status, headers.get('content-type')]).toEqual([503, 'text/html']);
    expect(text).toMatch(/^<!DOCTYPE html>.*cloudfront/s);
  });

  it('have codes of your own where the vendor’s are not known', async () => {
    const errorCodes = { badToken: 'a', badClient: 'b', badCode: 'c', notFound: 'd', badBody: 'e', rateLimited: 'f', unavailable: 'g' };
    const { sandbox, send } = budgeaCaller({ errorCodes });
    for (const [name, code] of Object.entries(errorCodes)) {
      sandbox.faults.add({ reply: { kind: 'error', error: name as BudgeaErrorName } }); // the names of the codes are names of errors
      expect((await send('GET', 'users/me')).body['code']).toBe(code);
    }
  });
});
