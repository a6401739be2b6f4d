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

/** Makes a sandbox by these options. */
export const budgeaCaller = (options: BudgeaSandboxOptions = {}): Caller => {
  const clock = fakeClock({ now: START });
  const sandbox = budgeaSandbox({ clock, ...options });
  const send: Caller['send'] = async (method, path, token, init = {}) => {
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    const response = await sandbox.fetch(`https://demo.biapi.pro/2.0/${path}`, { redirect: 'manual', ...init, method, headers });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
  };
  const sendJson: Caller['sendJson'] = (method, path, fields = {}, token) =>
    send(method, path, token, ENCODINGS.json(Object.fromEntries(Object.entries(fields))));
  const { clientId, clientSecret, manageToken } = sandbox.credentials;
  const client: Caller['client'] = (more = {}) => ({ client_id: clientId, client_secret: clientSecret, ...more });
  return {
    clock,
    sandbox,
    send,
    sendJson,
    client,
    manageToken,
    user: async () => {
      const { body } = await sendJson('POST', 'auth/init', client());
      return { id: Number(body['id_user']), token: String(body['auth_token']) };
    },
  };
};
