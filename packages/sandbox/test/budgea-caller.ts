import { type FakeClock, fakeClock } from '@auth/core/testing';
import { type BudgeaSandbox, type BudgeaSandboxOptions, budgeaSandbox } from '../src/index.ts';

type Json = Readonly<Record<string, unknown>>;

/** An answer of the sandbox, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** `{}` for an answer without JSON. */
  readonly body: Json;
}

/** A fresh sandbox, and short ways to call it in process. */
export interface Caller {
  readonly clock: FakeClock;
  readonly sandbox: BudgeaSandbox;
  readonly send: (method: string, path: string, token?: string, init?: RequestInit) => Promise<Answer>;
  /** Sends fields as JSON. */
  readonly sendJson: (method: string, path: string, fields?: object, token?: string) => Promise<Answer>;
  /** The ready client's credentials as fields, and others. */
  readonly client: (more?: object) => Json;
  readonly manageToken: string;
  /** A new user with a permanent token. */
  readonly user: () => Promise<{ readonly id: number; readonly token: string }>;
  /** The status of `GET path`, by default `users/me`, with this token. */
  readonly statusOf: (token: string, path?: string) => Promise<number>;
  readonly codeOf: (token: string, type?: 'requestAccess' | 'singleAccess') => Promise<string>;
  readonly exchange: (code: string, more?: object) => Promise<Answer>;
  readonly jwtOf: (id: number, more?: object) => Promise<string>;
  /** A JWT of the administrator. */
  readonly manageJwt: (fields?: object) => Promise<string>;
  /** Adds a connection to the bank with a password. */
  readonly connect: (token: string, changes?: object) => Promise<Answer>;
  readonly connectionsOf: (token: string) => Promise<unknown>;
}

/** The same fields in each encoding that the vendor takes. */
export const ENCODINGS: Readonly<Record<'json' | 'urlencoded' | 'multipart', (fields: Json) => RequestInit>> = {
  json: (fields) => ({ body: JSON.stringify(fields), headers: { 'content-type': 'application/json' } }),
  urlencoded: (fields) => ({ body: new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)])) }),
  multipart: (fields) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, String(value));
    return { body };
  },
};

/** When every fake clock starts: 13 o'clock in Paris. */
export const START: number = Date.UTC(2026, 0, 1, 12);
export const MINUTE = 60_000;
export const HALF_HOUR: number = 30 * MINUTE;
export const BASE = 'https://demo.biapi.pro/2.0/';

/** Makes a sandbox by these options. */
export const budgeaCaller = (options: BudgeaSandboxOptions = {}): Caller => {
  const clock = fakeClock({ now: START });
  const sandbox = budgeaSandbox({ clock, ...options });
  const send: Caller['send'] = async (method, path, token, init = {}) => {
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    const response = await sandbox.fetch(BASE + path, { redirect: 'manual', ...init, method, headers });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
  };
  const sendJson: Caller['sendJson'] = (method, path, fields = {}, token) =>
    send(method, path, token, ENCODINGS.json(Object.fromEntries(Object.entries(fields))));
  const { clientId, clientSecret, manageToken } = sandbox.credentials;
  const client: Caller['client'] = (more = {}) => ({ client_id: clientId, client_secret: clientSecret, ...more });
  const post = (path: string, fields: object): Promise<Answer> => sendJson('POST', path, client(fields));
  return {
    ...{ clock, sandbox, send, sendJson, client, manageToken },
    user: async () => {
      const { body } = await post('auth/init', {});
      return { id: Number(body['id_user']), token: String(body['auth_token']) };
    },
    statusOf: async (token, path = 'users/me') => (await send('GET', path, token)).status,
    codeOf: async (token, type = 'requestAccess') => String((await send('GET', `auth/token/code?type=${type}`, token)).body['code']),
    exchange: (code, more = {}) => post('auth/token/access', { code, ...more }),
    jwtOf: async (id, more = {}) => String((await post('auth/jwt', { id_user: id, ...more })).body['jwt_token']),
    manageJwt: async (fields = {}) => String((await sendJson('POST', 'admin/jwt', fields, manageToken)).body['jwt_token']),
    connect: (token, changes = {}) =>
      sendJson('POST', 'users/me/connections', { id_connector: 1, login: 'demo', password: 'secret', ...changes }, token),
    connectionsOf: async (token) => (await send('GET', 'users/me/connections', token)).body['connections'],
  };
};
