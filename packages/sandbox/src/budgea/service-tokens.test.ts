import { describe, expect, it } from 'vitest';
import { budgeaCaller, HALF_HOUR } from '../../test/budgea-caller.ts';

describe('service tokens', () => {
  it.each([
    ['payments:admin', 'payments:admin'],
    ['payments:read-only payments:cancel', 'payments:read-only payments:cancel'],
    [['payments:validate', 'payment-links:admin', 'payments:validate'], 'payments:validate payment-links:admin'],
    ['payments  payments:allow-sensitive', 'payments payments:allow-sensitive'],
  ])('have the scope that is asked for: %j', async (scope, granted) => {
    const { sendJson, client } = budgeaCaller();
    const { body } = await sendJson('POST', 'auth/token', client({ grant_type: 'client_credentials', scope }));
    expect(body).toEqual({ token: expect.stringMatching(/^[A-Za-z0-9+/]{128}$/), scope: granted });
  });

  it('take several scopes from a form', async () => {
    const { send, client } = budgeaCaller();
    const form = new URLSearchParams(Object.entries(client()).map(([name, value]) => [name, String(value)]));
    for (const scope of ['payments:admin', 'payments:cancel']) form.append('scope', scope);
    expect((await send('POST', 'auth/token', undefined, { body: form })).body['scope']).toBe('payments:admin payments:cancel');
  });

  it('live for half an hour and are no user’s', async () => {
    const { sendJson, client, send, statusOf, clock } = budgeaCaller();
    const token = String((await sendJson('POST', 'auth/token', client({ scope: 'payments:admin' }))).body['token']);
    expect(await send('GET', 'users/me', token)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    clock.advance(HALF_HOUR - 1);
    expect(await statusOf(token, 'certificate/tls')).toBe(200);
    clock.advance(1);
    expect(await statusOf(token, 'certificate/tls')).toBe(401);
  });
});

describe('the login of 2019', () => {
  const withLogin = () => {
    const caller = budgeaCaller({ profile: '2019', login: { username: 'me@bank.example' } });
    const fields = { ...caller.sandbox.login, application: 'sharedAccess' };
    return { ...caller, login: (changes: object = {}) => caller.sendJson('POST', 'auth/token', { ...fields, ...changes }) };
  };

  it('gives the same user another token each time, and another user after reset', async () => {
    const { login, send, user, sandbox } = withLogin();
    const answers = [await login(), await login()];
    const tokens = answers.map(({ body }) => String(body['token']));
    expect(tokens[0]).not.toBe(tokens[1]);
    for (const token of tokens) expect((await send('GET', 'users/me', token)).body).toMatchObject({ id: 1, platform: 'web' });
    expect(answers[0]?.body).toMatchObject({ scope: '', user: { id: 1 }, profile: { email: 'me@bank.example' } });
    sandbox.reset();
    await user();
    expect((await login()).body).toMatchObject({ user: { id: 2 } });
  });

  it.each([
    [{ password: 'x' }, 403, 'authFailure'],
    [{ username: 'x' }, 403, 'authFailure'],
    [{ username: '' }, 400, 'missingParameter'],
    [{ application: '' }, 400, 'missingParameter'],
  ])('refuses %j', async (changes, status, code) => {
    expect(await withLogin().login(changes)).toMatchObject({ status, body: { code } });
  });

  it('is not there today', async () => {
    const { sendJson, sandbox } = budgeaCaller();
    expect((await sendJson('POST', 'auth/token', { ...sandbox.login, application: 'web' })).body['code']).toBe('missingParameter');
  });
});
