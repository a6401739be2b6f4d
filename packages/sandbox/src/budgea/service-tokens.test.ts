import { describe, expect, it } from 'vitest';
import { budgeaCaller } from '../../test/budgea-caller.ts';

const HALF_HOUR = 1_800_000;

describe('service tokens', () => {
  const withToken = async () => {
    const caller = budgeaCaller();
    const { body } = await caller.sendJson('POST', 'auth/token', caller.client({ scope: 'payments:admin' }));
    return { ...caller, token: String(body['token']) };
  };

  it.each([
    ['payments:admin', 'payments:admin'],
    ['payments:read-only payments:cancel', 'payments:read-only payments:cancel'],
    [['payments:validate', 'payment-links:admin', 'payments:validate'], 'payments:validate payment-links:admin'],
  ])('have the scope that is asked for: %j', async (scope, granted) => {
    const { sendJson, client } = budgeaCaller();
    const { status, body } = await sendJson('POST', 'auth/token', client({ grant_type: 'client_credentials', scope }));
    expect([status, body]).toEqual([200, { token: expect.stringMatching(/^[A-Za-z0-9+/]{128}$/), scope: granted }]);
  });

  it('take several scopes from a form', async () => {
    const { send, client } = budgeaCaller();
    const form = new URLSearchParams(Object.entries(client()).map(([name, value]) => [name, String(value)]));
    form.append('scope', 'payments:admin');
    form.append('scope', 'payments:cancel');
    expect((await send('POST', 'auth/token', undefined, { body: form })).body['scope']).toBe('payments:admin payments:cancel');
  });

  it.each([
    [{ scope: 'accounts' }, 'invalidValue'],
    [{ scope: ['payments:admin', 'accounts'] }, 'invalidValue'],
    [{ scope: { a: 1 } }, 'invalidValue'],
    [{ scope: '' }, 'missingParameter'],
    [{}, 'missingParameter'],
    [{ scope: 'payments', grant_type: 'password' }, 'invalidValue'],
  ])('are refused for %j', async (fields, code) => {
    const { sendJson, client } = budgeaCaller();
    expect(await sendJson('POST', 'auth/token', client(fields))).toMatchObject({ status: 400, body: { code } });
  });

  it('live for half an hour and are no user’s', async () => {
    const { send, clock, token } = await withToken();
    expect(await send('GET', 'users/me', token)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await send('GET', 'certificate/tls', token)).status).toBe(200);
    clock.advance(HALF_HOUR - 1);
    expect((await send('GET', 'certificate/tls', token)).status).toBe(200);
    clock.advance(1);
    expect((await send('GET', 'certificate/tls', token)).status).toBe(401);
  });

  it('end with expireTokens', async () => {
    const { send, sandbox, token } = await withToken();
    sandbox.expireTokens();
    expect((await send('GET', 'certificate/tls', token)).status).toBe(401);
  });
});

describe('the login of 2019', () => {
  const withLogin = () => budgeaCaller({ profile: '2019', login: { username: 'me@bank.example' } });

  it('gives the same user another token each time', async () => {
    const { send, sendJson, sandbox } = withLogin();
    const fields = { ...sandbox.login, application: 'sharedAccess' };
    const answers = [await sendJson('POST', 'auth/token', fields), await sendJson('POST', 'auth/token', fields)];
    const tokens = answers.map(({ body }) => String(body['token']));
    expect(tokens[0]).not.toBe(tokens[1]);
    for (const token of tokens) expect((await send('GET', 'users/me', token)).body).toMatchObject({ id: 1, platform: 'web' });
    expect(answers[0]?.body).toMatchObject({ scope: '', user: { id: 1 }, profile: { email: 'me@bank.example' } });
  });

  it.each([
    [{ password: 'x' }, 403, 'authFailure'],
    [{ username: 'x' }, 403, 'authFailure'],
    [{ username: '' }, 400, 'missingParameter'],
    [{ application: '' }, 400, 'missingParameter'],
  ])('refuses %j', async (changes, status, code) => {
    const { sendJson, sandbox } = withLogin();
    const fields = { ...sandbox.login, application: 'web', ...changes };
    expect(await sendJson('POST', 'auth/token', fields)).toMatchObject({ status, body: { code } });
  });

  it('is not there today', async () => {
    const { sendJson, sandbox } = budgeaCaller();
    expect((await sendJson('POST', 'auth/token', { ...sandbox.login, application: 'web' })).body['code']).toBe('missingParameter');
  });
});
