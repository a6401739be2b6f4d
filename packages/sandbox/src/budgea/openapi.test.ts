import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { type Answer, budgeaCaller, type Caller } from '../../test/budgea-caller.ts';
import { type Generation, openapi2019, openapi2020, powens } from '../../test/budgea-openapi.ts';
import type { BudgeaProfile } from './errors.ts';

/** What is asked, by the name in the OpenAPI file, the status to expect, and the request. */
type Attempt = readonly [operation: string, status: number, ask: (caller: Caller) => Promise<Answer>];

const asUser =
  (method: string, path: string, fields?: object) =>
  async (caller: Caller): Promise<Answer> => {
    const { token } = await caller.user();
    return fields === undefined ? caller.send(method, path, token) : caller.sendJson(method, path, fields, token);
  };
const asManager =
  (method: string, path: string, fields?: object) =>
  (caller: Caller): Promise<Answer> =>
    fields === undefined ? caller.send(method, path, caller.manageToken) : caller.sendJson(method, path, fields, caller.manageToken);
const asClient =
  (path: string, fields: object = {}) =>
  (caller: Caller): Promise<Answer> =>
    caller.sendJson('POST', path, caller.client(fields));
const asNobody =
  (method: string, path: string, fields?: object) =>
  (caller: Caller): Promise<Answer> =>
    fields === undefined ? caller.send(method, path) : caller.sendJson(method, path, fields);

const ownClient =
  (method: string, fields?: object) =>
  (caller: Caller): Promise<Answer> =>
    asManager(method, `clients/${caller.sandbox.credentials.clientId}`, fields)(caller);
const exchange = async (caller: Caller): Promise<Answer> => {
  const { body } = await asUser('GET', 'auth/token/code')(caller);
  return asClient('auth/token/access', { code: body['code'] })(caller);
};
const renew = async (caller: Caller): Promise<Answer> => asClient('auth/renew', { id_user: (await caller.user()).id })(caller);
const connectorId = {
  password: { id_connector: 1, login: 'me', password: 'right' },
  sca: { id_connector: 1, login: 'me', password: 'additionalInformationNeeded' },
};
/** A call about a user with a connection. */
const connected =
  (method: string, path: string) =>
  async ({ user, send, sendJson }: Caller): Promise<Answer> => {
    const { token } = await user();
    const { body } = await sendJson('POST', 'users/me/connections', connectorId.password, token);
    return send(method, path.replace('{id}', String(body['id'])), token);
  };
const webauth =
  (path: string) =>
  ({ sandbox, ...caller }: Caller): Promise<Answer> =>
    asUser(
      'GET',
      `${path}client_id=${sandbox.credentials.clientId}&redirect_uri=${encodeURIComponent('http://localhost/back')}`,
    )({ sandbox, ...caller });
const fine = ({ sandbox, ...caller }: Caller): Promise<Answer> => {
  const query = `client_id=${sandbox.credentials.clientId}&redirect_uri=${encodeURIComponent('http://localhost/back')}`;
  return connected('GET', `webauth-url?id_connection={id}&${query}`)({ sandbox, ...caller });
};

const wanted: object = { name: 'Wanted Bank', login: 'me', password: 'right' };

/** All that the files of 2019 and 2020 and the documentation of today have in common. `gone` is how a deletion is answered. */
const common = (gone: number): readonly Attempt[] => [
  ['POST /admin/jwt', 200, asManager('POST', 'admin/jwt', { duration: 5 })],
  ['POST /auth/init', 200, asNobody('POST', 'auth/init')],
  ['POST /auth/init', 200, asClient('auth/init')],
  ['POST /auth/jwt', 200, asClient('auth/jwt')],
  ['GET /auth/token/code', 200, asUser('GET', 'auth/token/code')],
  ['POST /auth/token/access', 200, exchange],
  ['DELETE /auth/token', gone, asUser('DELETE', 'auth/token')],
  ['GET /certificate/{type}', 200, asUser('GET', 'certificate/tls')],
  ['DELETE /hash', gone, asUser('DELETE', 'hash')],
  ['GET /users', 200, asManager('GET', 'users')],
  ['GET /users/{id_user}', 200, asUser('GET', 'users/me')],
  ['POST /users/{id_user}/token', 200, asUser('POST', 'users/me/token', { application: 'sharedAccess' })],
  ['GET /users/{id_user}/config', 200, asUser('GET', 'users/me/config')],
  ['POST /users/{id_user}/config', 200, asUser('POST', 'users/me/config', { key: 'value' })],
  ['DELETE /users/{id_user}/config', gone, asUser('DELETE', 'users/me/config')],
  ['DELETE /users/{id_user}', gone, asUser('DELETE', 'users/me')],
  ['GET /users/{id_user}/connections', 200, connected('GET', 'users/me/connections')],
  ['DELETE /users/{id_user}/connections', gone, connected('DELETE', 'users/me/connections')],
  ['GET /webauth', 302, webauth('webauth?id_connector=2&')],
  ['POST /clients', 200, asManager('POST', 'clients', { name: 'Second', generate_keys: true })],
  ['GET /clients', 200, asManager('GET', 'clients')],
  ['GET /clients/{id_client}', 200, ownClient('GET')],
  ['PUT /clients/{id_client}', 200, ownClient('PUT', { pro: true, description: 'Ours' })],
  ['DELETE /clients/{id_client}', gone, ownClient('DELETE')],
  ['GET /config', 200, asManager('GET', 'config')],
  ['POST /config', 200, asManager('POST', 'config', { 'connection.disable_new': '1' })],
  ['GET /banks', 200, asNobody('GET', 'banks?expand=fields')],
  ['GET /connectors', 200, asNobody('GET', 'connectors')],
  ['POST /connectors', 200, asUser('POST', 'connectors', wanted)],
];

const in2019: readonly Attempt[] = [
  ...common(200),
  ['POST /auth/token', 200, (caller) => asNobody('POST', 'auth/token', { ...caller.sandbox.login, application: 'sharedAccess' })(caller)],
  ['POST /users/{id_user}/connections', 200, asUser('POST', 'users/me/connections', connectorId.password)],
];

const today: readonly Attempt[] = [
  ...common(204),
  ['PUT /connectors', 200, asManager('PUT', 'connectors', { hidden: true })],
  ['POST /auth/init', 400, asNobody('POST', 'auth/init', { client_id: '1' })],
  ['POST /auth/init', 401, asNobody('POST', 'auth/init', { client_id: '1', client_secret: 'x' })],
  ['POST /auth/token/access', 400, asClient('auth/token/access', { code: 'x' })],
  ['POST /auth/token/access', 401, asNobody('POST', 'auth/token/access', { client_id: '1', client_secret: 'x', code: 'x' })],
  ['POST /auth/renew', 200, renew],
  ['POST /auth/renew', 400, asClient('auth/renew')],
  ['POST /auth/renew', 401, asNobody('POST', 'auth/renew', { client_id: '1', client_secret: 'x', id_user: 1 })],
  ['POST /auth/renew', 404, asClient('auth/renew', { id_user: 99 })],
  ['POST /auth/token', 200, asClient('auth/token', { scope: 'payments:admin' })],
  ['POST /auth/token', 400, asClient('auth/token')],
  ['POST /auth/token', 401, asNobody('POST', 'auth/token', { client_id: '1', client_secret: 'x', scope: 'payments:admin' })],
  ['DELETE /auth/token', 401, asNobody('DELETE', 'auth/token')],
  ['GET /auth/token/code', 401, asNobody('GET', 'auth/token/code')],
  ['GET /users', 401, asNobody('GET', 'users')],
  ['GET /users', 403, asUser('GET', 'users')],
  ['GET /users/{id_user}', 401, asNobody('GET', 'users/me')],
  ['GET /users/{id_user}', 403, asManager('GET', 'users/me')],
  ['GET /users/{id_user}', 404, asUser('GET', 'users/99')],
  ['DELETE /users/{id_user}', 401, asNobody('DELETE', 'users/me')],
  ['POST /users/{id_user}/connections', 201, asUser('POST', 'users/me/connections', connectorId.password)],
  ['POST /users/{id_user}/connections', 202, asUser('POST', 'users/me/connections', connectorId.sca)],
  ['POST /users/{id_user}/connections', 400, asUser('POST', 'users/me/connections', {})],
  ['DELETE /clients/{id_client}', 403, asUser('DELETE', 'clients/1')],
  ['DELETE /clients/{id_client}', 404, asManager('DELETE', 'clients/1')],
  ['GET /connectors/{id_connector}', 200, asNobody('GET', 'connectors/1')],
  ['GET /connectors/{id_connector}', 404, asNobody('GET', 'connectors/99')],
  ['GET /publickey', 200, asNobody('GET', 'publickey')],
  ['GET /webauth-url', 200, webauth('webauth-url?id_connector=2&')],
  ['GET /webauth-url', 409, fine],
];

describe.each<readonly [string, BudgeaProfile, Generation, readonly Attempt[]]>([
  ['2019', '2019', openapi2019, in2019],
  ['2020', '2019', openapi2020, [...in2019, ['PUT /connectors', 200, asManager('PUT', 'connectors', { hidden: true })]]],
  ['today', 'powens', powens, today],
])('the operations of %s', (_, profile, { schemas, operations }, attempts) => {
  const ajv = new Ajv({ allErrors: true, strict: false });
  const pairs = Object.entries(operations).flatMap(([operation, answers]) =>
    Object.keys(answers).map((status) => `${operation} ${status}`),
  );

  it.each(attempts.map(([operation, status, ask], index) => ({ operation, status, ask, index })))(
    '$operation answers $status as described (attempt $index)',
    async ({ operation, status, ask }) => {
      const schema = operations[operation]?.[status];
      const answer = await ask(budgeaCaller({ profile }));
      expect([answer.status, schema]).not.toContain(undefined);
      expect(answer.status).toBe(status);
      if (schema === null || schema === undefined) return;
      const validate = ajv.compile({ ...schema, definitions: schemas });
      expect([validate(answer.body), validate.errors]).toEqual([true, null]);
    },
  );

  it('are all exercised, with every status', () => {
    expect([...new Set(attempts.map(([operation, status]) => `${operation} ${status}`))].sort()).toEqual(pairs.sort());
  });
});
