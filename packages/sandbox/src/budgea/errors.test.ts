import { describe, expect, it } from 'vitest';
import { budgeaCaller } from '../../test/budgea-caller.ts';
import type { BudgeaErrorName, BudgeaProfile } from './errors.ts';

type Row = readonly [name: BudgeaErrorName, then: number, now: number, code: string];

/** Errors whose code is their name, with the same status in 2019 and today. */
const namesakes = (status: number, ...names: readonly BudgeaErrorName[]): readonly Row[] =>
  names.map((name) => [name, status, status, name]);

/** Status in 2019, status today, code. */
const ERRORS: readonly Row[] = [
  ...namesakes(400, 'missingParameter', 'invalidValue', 'noAccount', 'wrongpass', 'websiteUnavailable', 'tooManySync', 'bankMessage'),
  ...namesakes(400, 'actionNeeded', 'rateLimiting', 'notSupported', 'config'),
  ...namesakes(403, 'forbidden'),
  ...namesakes(404, 'notFound'),
  ...namesakes(405, 'methodNotAllowed'),
  ...namesakes(409, 'connectionLocked'),
  ...namesakes(500, 'keymanager', 'dataError', 'bug'),
  ['missingToken', 403, 401, 'unauthorized'],
  ['badToken', 403, 401, 'unauthorized'],
  ['badClient', 403, 401, 'invalid_client'],
  ['badCode', 400, 400, 'invalid_grant'],
  ['authFailure', 403, 401, 'authFailure'],
  ['badRedirectUri', 400, 400, 'invalidValue'],
  ['badBody', 400, 400, 'badRequest'],
  ['conflict', 409, 409, 'invalidValue'],
  ['rateLimited', 429, 429, 'tooManyRequests'],
  ['unavailable', 503, 503, 'serviceUnavailable'],
];

/** Errors that come from the bank and have words for the end user. */
const WITH_MESSAGE: ReadonlySet<string> = new Set(['wrongpass', 'bankMessage', 'actionNeeded']);

const answered = async (profile: BudgeaProfile, error: BudgeaErrorName) => {
  const { sandbox, send } = budgeaCaller({ profile });
  sandbox.faults.add({ reply: { kind: 'error', error } });
  const { status, headers, body, text } = await send('GET', 'users/me');
  return { status, type: headers.get('content-type'), body, text, logged: sandbox.calls[0]?.code };
};

describe('the vendor’s errors', () => {
  it('are all in the table', async () => {
    const { errors } = await (await budgeaCaller().sandbox.fetch('https://any.example/__sandbox')).json();
    expect(
      ERRORS.map(([name]) => name)
        .concat('cloudfront')
        .sort(),
    ).toEqual(errors.sort());
  });

  it.each(ERRORS)('%s was %i in 2019 and is %i today, with the code %s', async (name, then, now, code) => {
    const [words, type] = [expect.stringMatching(/^.{3,}/), 'application/json'];
    const older = { code, message: words };
    expect(await answered('2019', name)).toMatchObject({ status: then, type, body: older, logged: code });
    expect(Object.keys((await answered('2019', name)).body)).toEqual(Object.keys(older));
    const { body, ...today } = await answered('powens', name);
    const message = WITH_MESSAGE.has(name) ? expect.any(String) : null;
    expect(today).toMatchObject({ status: now, type, logged: code });
    expect(body).toEqual({ code, description: words, message, request_id: expect.any(Number) });
  });

  it.each(['2019', 'powens'] as const)('cloudfront is a page and no JSON (%s)', async (profile) => {
    const text = expect.stringMatching(/^<!DOCTYPE html>.*cloudfront/s);
    expect(await answered(profile, 'cloudfront')).toMatchObject({ status: 503, type: 'text/html', text });
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
