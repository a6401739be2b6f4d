import { describe, expect, it } from 'vitest';
import { type Answer, budgeaCaller, type Caller, ENCODINGS } from '../../test/budgea-caller.ts';

type Send = (method: string, path: string, token: string | undefined, fields: Readonly<Record<string, unknown>>) => Promise<Answer>;
type Ask = (send: Send, caller: Caller) => Promise<Answer>;

const me = async (caller: Caller): Promise<string> => (await caller.user()).token;
const own = ({ sandbox }: Caller): string => `clients/${sandbox.credentials.clientId}`;

/** A value of each operation that only comes out if its parameters came in. */
const ROWS: readonly (readonly [operation: string, ask: Ask, expected: object])[] = [
  ['POST auth/init', (send, c) => send('POST', 'auth/init', undefined, c.client()), { type: 'permanent' }],
  [
    'POST auth/token/access',
    async (send, c) => {
      const { body } = await c.send('GET', 'auth/token/code', await me(c));
      return send('POST', 'auth/token/access', undefined, c.client({ code: body['code'], grant_type: 'authorization_code' }));
    },
    { token_type: 'Bearer' },
  ],
  ['POST auth/token/code', async (send, c) => send('POST', 'auth/token/code', await me(c), { type: 'singleAccess' }), { access: 'single' }],
  [
    'POST auth/token',
    (send, c) => send('POST', 'auth/token', undefined, c.client({ grant_type: 'client_credentials', scope: 'payments:admin' })),
    { scope: 'payments:admin' },
  ],
  [
    'POST auth/jwt',
    (send, c) => send('POST', 'auth/jwt', undefined, c.client({ scope: 'some', expire: false })),
    { payload: expect.not.objectContaining({ exp: expect.anything() }) },
  ],
  [
    'POST auth/renew',
    async (send, c) => send('POST', 'auth/renew', undefined, c.client({ id_user: (await c.user()).id, revoke_previous: true })),
    { token_type: 'Bearer' },
  ],
  [
    'POST admin/jwt',
    (send, c) => send('POST', 'admin/jwt', c.manageToken, { scope: 'users', duration: 0 }),
    { payload: expect.objectContaining({ scope: 'users' }) },
  ],
  [
    'POST users/me/token',
    async (send, c) => send('POST', 'users/me/token', await me(c), { application: 'web' }),
    { token: expect.any(String) },
  ],
  [
    'POST users/me/config',
    async (send, c) => {
      const token = await me(c);
      await send('POST', 'users/me/config', token, { 'my.key': 'a+b /c' });
      return c.send('GET', 'users/me/config', token);
    },
    { 'my.key': 'a+b /c' },
  ],
  ['POST config', (send, c) => send('POST', 'config', c.manageToken, { 'my.key': 'a+b' }), { 'my.key': 'a+b' }],
  [
    'POST clients',
    (send, c) => send('POST', 'clients', c.manageToken, { name: 'Second', redirect_uris: 'https://a.example/back', pro: true }),
    { name: 'Second', redirect_uris: 'https://a.example/back', pro: true },
  ],
  ['PUT clients', (send, c) => send('PUT', own(c), c.manageToken, { name: 'Other', config: '{}' }), { name: 'Other', config: '{}' }],
  [
    'POST connectors',
    async (send, c) => send('POST', 'connectors', await me(c), { name: 'Wanted', login: 'x', password: 'y', sendmail: true }),
    { name: 'Wanted' },
  ],
  ['PUT connectors', (send, c) => send('PUT', 'connectors', c.manageToken, { hidden: true }), { hidden: true }],
  [
    'POST users/me/connections',
    async (send, c) => send('POST', 'users/me/connections', await me(c), { id_connector: 1, login: 'x', password: 'y' }),
    { id_connector: 1 },
  ],
];

describe('parameters', () => {
  const rows = ROWS.flatMap(([operation, ask, expected]) =>
    Object.entries(ENCODINGS).map(([encoding, encode]) => ({ operation, ask, expected, encoding, encode })),
  );

  it.each(rows)('of $operation arrive as $encoding', async ({ ask, expected, encode }) => {
    const caller = budgeaCaller();
    const answer = await ask((method, path, token, fields) => caller.send(method, path, token, encode(fields)), caller);
    expect(answer.body).toMatchObject(expected);
  });

  it.each(Object.entries(ENCODINGS))('of the login of 2019 arrive as %s', async (_, encode) => {
    const { send, sandbox } = budgeaCaller({ profile: '2019' });
    const { status, body } = await send('POST', 'auth/token', undefined, encode({ ...sandbox.login, application: 'web', scope: 'some' }));
    expect([status, body['scope']]).toEqual([200, 'some']);
  });
});
