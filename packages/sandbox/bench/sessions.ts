import type { Serving } from './served.ts';

/** One request, and the status that is right for it. */
export interface Step {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Relative to the sandbox's base URL. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
  readonly status: number;
}

/** Sends a request when its turn has come. Resolves to the answer's JSON, `{}` where it is none or has another status. */
export type Send = (step: Step) => Promise<Readonly<Record<string, string | number | undefined>>>;

/** What one client does from its first token on. Whoever makes users or customers deletes them; of tokens, one is left each time. */
export type Session = (send: Send) => Promise<void>;

/** Per round: a token, institutions with it, a refused token, a customer who comes and goes. */
export const finicitySession = ({ environment }: Serving): Session => {
  const { FINICITY_PARTNER_ID: partnerId, FINICITY_PARTNER_SECRET: partnerSecret, FINICITY_APP_KEY: appKey = '' } = environment;
  const headers = { 'finicity-app-key': appKey, accept: 'application/json' };
  let rounds = 0;
  return async (send) => {
    rounds += 1;
    const round = rounds;
    const path = 'aggregation/v2/partners/authentication';
    const body = { partnerId, partnerSecret };
    const { token } = await send({ name: 'token', method: 'POST', path, headers, body, status: 200 });
    const withToken = { ...headers, 'finicity-app-token': String(token) };
    const refused = { ...headers, 'finicity-app-token': `no-token-${round}` };
    const list = { method: 'GET', path: 'institution/v2/institutions?search=fin', status: 200 } as const;
    await send({ ...list, name: 'institutions', headers: withToken });
    await send({ ...list, name: 'refused token', headers: refused, status: 401 });
    await send({ ...list, name: 'institutions', headers: withToken });
    const username = `customer-${round}-${partnerId}`;
    const customers = 'aggregation/v1/customers';
    const { id } = await send({
      ...{ name: 'customer created', method: 'POST', path: 'aggregation/v2/customers/testing', headers: withToken },
      ...{ body: { username }, status: 201 },
    });
    await send({ name: 'customer', method: 'GET', path: `${customers}/${id}`, headers: withToken, status: 200 });
    await send({ name: 'customers', method: 'GET', path: `${customers}?limit=5`, headers: withToken, status: 200 });
    await send({ name: 'customer deleted', method: 'DELETE', path: `${customers}/${id}`, headers: withToken, status: 204 });
  };
};

/** Per round: a user comes, is looked at, gets a token by a code and another one by renewal, a refused token, and the user goes. */
export const budgeaSession = ({ environment }: Serving): Session => {
  const { BUDGEA_CLIENT_ID: client_id, BUDGEA_CLIENT_SECRET: client_secret } = environment;
  const client = { client_id, client_secret };
  const bearer = (token: unknown) => ({ authorization: `Bearer ${token}` });
  return async (send) => {
    const init = await send({ name: 'init', method: 'POST', path: 'auth/init', body: client, status: 200 });
    const headers = bearer(init['auth_token']);
    const me = { name: 'users/me', method: 'GET', path: 'users/me', headers, status: 200 } as const;
    await send(me);
    await send({ ...me, name: 'refused token', headers: bearer('no-token'), status: 401 });
    const { code } = await send({ name: 'code', method: 'GET', path: 'auth/token/code', headers, status: 200 });
    const exchange = { name: 'exchange', method: 'POST', path: 'auth/token/access', status: 200 } as const;
    const { access_token } = await send({ ...exchange, body: { ...client, code } });
    await send({ ...me, headers: bearer(access_token) });
    const renewal = { ...client, grant_type: 'client_credentials', id_user: init['id_user'], revoke_previous: true };
    const renewed = await send({ name: 'renew', method: 'POST', path: 'auth/renew', body: renewal, status: 200 });
    const last = bearer(renewed['access_token']);
    await send({ ...me, headers: last });
    await send({ name: 'user deleted', method: 'DELETE', path: 'users/me', headers: last, status: 204 });
  };
};
