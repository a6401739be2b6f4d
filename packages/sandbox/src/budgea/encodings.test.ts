import { describe, expect, it } from 'vitest';
import { budgeaCaller, type Caller, ENCODINGS } from '../../test/budgea-caller.ts';

type Fields = Readonly<Record<string, unknown>>;
type Sent = Fields | ((caller: Caller, token: string) => Promise<Fields>);

/** A code that a wrong encoding would change. */
const oddCode = async ({ codeOf }: Caller, token: string): Promise<Fields> => {
  for (;;) {
    const code = await codeOf(token);
    if (code.includes('+') && code.includes('/')) return { code };
  }
};

/** Who asks for what, with which fields, and a part of the answer that only comes out if they came in. */
const ROWS: readonly (readonly [who: 'client' | 'user' | 'manager', request: string, sent: Sent, expected: object])[] = [
  ['client', 'POST auth/init', {}, { type: 'permanent' }],
  ['client', 'POST auth/token/access', oddCode, { token_type: 'Bearer' }],
  ['client', 'POST auth/token', { grant_type: 'client_credentials', scope: 'payments:admin' }, { scope: 'payments:admin' }],
  ['client', 'POST auth/jwt', { scope: 'some', expire: false }, { payload: { scope: 'some' } }],
  ['client', 'POST auth/renew', async ({ user }) => ({ id_user: (await user()).id, revoke_previous: true }), { token_type: 'Bearer' }],
  ['user', 'POST auth/token/code', { type: 'singleAccess' }, { access: 'single' }],
  ['user', 'POST users/me/token', { application: 'web' }, { token: expect.any(String) }],
  ['user', 'POST connectors', { name: 'Wanted', login: 'x', password: 'y', sendmail: true }, { name: 'Wanted' }],
  ['user', 'POST users/me/connections', { id_connector: 1, login: 'x', password: 'y' }, { id_connector: 1 }],
  ['manager', 'POST admin/jwt', { scope: 'users', duration: 60 }, { payload: { scope: 'users' } }],
  ['manager', 'POST config', { 'my.key': 'a+b /c' }, { 'my.key': 'a+b /c' }],
  ['manager', 'POST clients', { name: 'Second', redirect_uris: 'https://a.example/back', pro: true }, { name: 'Second', pro: true }],
  ['manager', 'PUT connectors', { hidden: true }, { hidden: true }],
];

describe('parameters', () => {
  it.each(ROWS)('of a %s’s %s arrive in every encoding', async (who, request, sent, expected) => {
    const [method = '', path = ''] = request.split(' ');
    for (const [encoding, encode] of Object.entries(ENCODINGS)) {
      const caller = budgeaCaller();
      const { token } = await caller.user();
      const fields = typeof sent === 'function' ? await sent(caller, token) : sent;
      const bearer = { client: undefined, user: token, manager: caller.manageToken }[who];
      const { body } = await caller.send(method, path, bearer, encode(who === 'client' ? caller.client(fields) : fields));
      expect([encoding, body]).toMatchObject([encoding, expected]);
    }
  });

  it('of a user’s settings and of his login in 2019 arrive in every encoding', async () => {
    for (const encode of Object.values(ENCODINGS)) {
      const { send, sandbox } = budgeaCaller({ profile: '2019' });
      const login = await send('POST', 'auth/token', undefined, encode({ ...sandbox.login, application: 'web', scope: 'some' }));
      expect(login.body['scope']).toBe('some');
      const token = String(login.body['token']);
      await send('POST', 'users/me/config', token, encode({ 'my.key': 'a+b /c' }));
      expect((await send('GET', 'users/me/config', token)).body).toMatchObject({ 'my.key': 'a+b /c' });
    }
  });
});
