import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { type Answer, budgeaCaller, type Caller } from '../../test/budgea-caller.ts';
import { type Generation, openapi2019, openapi2020, powens } from '../../test/budgea-openapi.ts';
import type { BudgeaProfile } from './errors.ts';

type Ask = (caller: Caller) => Promise<Answer>;
/** Who asks; `ready` is a user with a connection. */
type Who = 'nobody' | 'user' | 'ready' | 'manager' | 'client';
/**
 * The name in the OpenAPI file, the status to expect, and who asks. Sent are fields to the path of the name, with the own user and client
 * in it, or no fields to another path.
 */
type Attempt = readonly [operation: string, status: number, ask: Who | Ask, sent?: string | object];

const request =
  (operation: string, who: Who, sent: string | object = {}): Ask =>
  async ({ sandbox, send, sendJson, client, user, connect, manageToken }) => {
    const [method = '', name = ''] = operation.split(' ');
    const { clientId } = sandbox.credentials;
    const own = name.slice(1).replace('{id_user}', 'me').replace('{id_client}', clientId);
    if (who === 'client') return sendJson(method, own, client(Object(sent)));
    const token = who === 'nobody' ? undefined : who === 'manager' ? manageToken : (await user()).token;
    if (who === 'ready') await connect(token ?? '');
    if (typeof sent === 'string') return send(method, sent.replace('{client}', clientId), token);
    return method === 'GET' ? send(method, own, token) : sendJson(method, own, sent, token);
  };

const exchange: Ask = async (caller) => caller.exchange(await caller.codeOf((await caller.user()).token));
const renew: Ask = async ({ user, sendJson, client }) => sendJson('POST', 'auth/renew', client({ id_user: (await user()).id }));
const login: Ask = ({ sendJson, sandbox }) => sendJson('POST', 'auth/token', { ...sandbox.login, application: 'sharedAccess' });
const RIGHT = { id_connector: 1, login: 'me', password: 'right' };
const WRONG = { client_id: '1', client_secret: 'x' };
const BACK = `client_id={client}&redirect_uri=${encodeURIComponent('http://localhost/back')}`;

/** All that the files of 2019 and 2020 and the documentation of today have in common. `gone` is how a deletion is answered. */
const common = (gone: number): readonly Attempt[] => [
  ['POST /admin/jwt', 200, 'manager', { duration: 5 }],
  ['POST /auth/init', 200, 'nobody'],
  ['POST /auth/init', 200, 'client'],
  ['POST /auth/jwt', 200, 'client'],
  ['GET /auth/token/code', 200, 'user'],
  ['POST /auth/token/access', 200, exchange],
  ['DELETE /auth/token', gone, 'user'],
  ['GET /certificate/{type}', 200, 'user', 'certificate/tls'],
  ['DELETE /hash', gone, 'user'],
  ['GET /users', 200, 'manager'],
  ['GET /users/{id_user}', 200, 'user'],
  ['POST /users/{id_user}/token', 200, 'user', { application: 'sharedAccess' }],
  ['GET /users/{id_user}/config', 200, 'user'],
  ['POST /users/{id_user}/config', 200, 'user', { key: 'value' }],
  ['DELETE /users/{id_user}/config', gone, 'user'],
  ['DELETE /users/{id_user}', gone, 'user'],
  ['GET /users/{id_user}/connections', 200, 'ready'],
  ['DELETE /users/{id_user}/connections', gone, 'ready'],
  ['GET /webauth', 302, 'user', `webauth?id_connector=2&${BACK}`],
  ['POST /clients', 200, 'manager', { name: 'Second', generate_keys: true }],
  ['GET /clients', 200, 'manager'],
  ['GET /clients/{id_client}', 200, 'manager'],
  ['PUT /clients/{id_client}', 200, 'manager', { pro: true, description: 'Ours' }],
  ['DELETE /clients/{id_client}', gone, 'manager'],
  ['GET /config', 200, 'manager'],
  ['POST /config', 200, 'manager', { 'connection.disable_new': '1' }],
  ['GET /banks', 200, 'nobody', 'banks?expand=fields'],
  ['GET /connectors', 200, 'nobody'],
  ['POST /connectors', 200, 'user', { name: 'Wanted Bank', login: 'me', password: 'right' }],
];

const in2019: readonly Attempt[] = [
  ...common(200),
  ['POST /auth/token', 200, login],
  ['POST /users/{id_user}/connections', 200, 'user', RIGHT],
];

const today: readonly Attempt[] = [
  ...common(204),
  ['PUT /connectors', 200, 'manager', { hidden: true }],
  ['POST /auth/init', 400, 'nobody', { client_id: '1' }],
  ['POST /auth/init', 401, 'nobody', WRONG],
  ['POST /auth/token/access', 400, 'client', { code: 'x' }],
  ['POST /auth/token/access', 401, 'nobody', { ...WRONG, code: 'x' }],
  ['POST /auth/renew', 200, renew],
  ['POST /auth/renew', 400, 'client'],
  ['POST /auth/renew', 401, 'nobody', { ...WRONG, id_user: 1 }],
  ['POST /auth/renew', 404, 'client', { id_user: 99 }],
  ['POST /auth/token', 200, 'client', { scope: 'payments:admin' }],
  ['POST /auth/token', 400, 'client'],
  ['POST /auth/token', 401, 'nobody', { ...WRONG, scope: 'payments:admin' }],
  ['DELETE /auth/token', 401, 'nobody'],
  ['GET /auth/token/code', 401, 'nobody'],
  ['GET /users', 401, 'nobody'],
  ['GET /users', 403, 'user'],
  ['GET /users/{id_user}', 401, 'nobody'],
  ['GET /users/{id_user}', 403, 'manager'],
  ['GET /users/{id_user}', 404, 'user', 'users/99'],
  ['DELETE /users/{id_user}', 401, 'nobody'],
  ['POST /users/{id_user}/connections', 201, 'user', RIGHT],
  ['POST /users/{id_user}/connections', 202, 'user', { ...RIGHT, password: 'additionalInformationNeeded' }],
  ['POST /users/{id_user}/connections', 400, 'user', {}],
  ['DELETE /clients/{id_client}', 403, 'user', 'clients/1'],
  ['DELETE /clients/{id_client}', 404, 'manager', 'clients/1'],
  ['GET /connectors/{id_connector}', 200, 'nobody', 'connectors/1'],
  ['GET /connectors/{id_connector}', 404, 'nobody', 'connectors/99'],
  ['GET /publickey', 200, 'nobody'],
  ['GET /webauth-url', 200, 'user', `webauth-url?id_connector=2&${BACK}`],
  ['GET /webauth-url', 409, 'ready', `webauth-url?id_connection=1&${BACK}`],
];

describe.each<readonly [string, BudgeaProfile, Generation, readonly Attempt[]]>([
  ['2019', '2019', openapi2019, in2019],
  ['2020', '2019', openapi2020, [...in2019, ['PUT /connectors', 200, 'manager', { hidden: true }]]],
  ['today', 'powens', powens, today],
])('the operations of %s', (_, profile, { schemas, operations }, attempts) => {
  const ajv = new Ajv({ allErrors: true, strict: false });

  it.each(attempts.map(([operation, status, ask, sent]) => ({ operation, status, ask, sent })))(
    '$operation answers $status as described',
    async ({ operation, status, ask, sent }) => {
      const answer = await (typeof ask === 'string' ? request(operation, ask, sent) : ask)(budgeaCaller({ profile }));
      const schema = operations[operation]?.[status];
      expect([answer.status, schema]).toEqual([status, schema ?? null]);
      const validate = ajv.compile({ ...schema, definitions: schemas });
      expect([validate(answer.body), validate.errors]).toEqual([true, null]);
    },
  );

  it('are all exercised, with every status', () => {
    const described = Object.entries(operations).flatMap(([operation, answers]) =>
      Object.keys(answers).map((status) => `${operation} ${status}`),
    );
    expect([...new Set(attempts.map(([operation, status]) => `${operation} ${status}`))].sort()).toEqual(described.sort());
  });
});
