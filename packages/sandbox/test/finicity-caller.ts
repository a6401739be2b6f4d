import { type FakeClock, fakeClock } from '@auth/core/testing';
import { type FinicitySandbox, type FinicitySandboxOptions, finicitySandbox } from '../src/index.ts';

type Headers = Readonly<Record<string, string>>;

/** An answer of the sandbox, read to its end. */
export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
  /** `{}` for an answer without JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** A fresh sandbox, and short ways to call it in process with its app key. */
export interface Caller {
  readonly clock: FakeClock;
  readonly sandbox: FinicitySandbox;
  /** A text goes as it is, an object as JSON. */
  readonly send: (method: string, path: string, sent?: object | string, headers?: Headers) => Promise<Answer>;
  readonly createToken: (changes?: object, headers?: Headers) => Promise<Answer>;
  /** To `brandNewSecret1` unless told otherwise. */
  readonly changeSecret: (changes?: object) => Promise<Answer>;
  readonly token: (headers?: Headers) => Promise<string>;
  readonly institutions: (token: string, query?: string) => Promise<Answer>;
}

export const AUTHENTICATION = '/aggregation/v2/partners/authentication';
export const INSTITUTIONS = '/institution/v2/institutions';
export const ORIGIN = 'https://api.finicity.com';
export const JSON_TYPE = 'application/json';
export const START: number = Date.UTC(2026, 0, 1);
export const HOUR = 3_600_000;
export const DAY: number = 24 * HOUR;

/** What an error answers, for `toMatchObject`. */
export const refusal = (status: number, code: number | string, message: string): object => ({
  status,
  type: JSON_TYPE,
  text: JSON.stringify({ code, message }),
});

/** Makes a sandbox by these options. */
export const finicityCaller = (options: FinicitySandboxOptions = {}): Caller => {
  const clock = fakeClock({ now: START });
  const sandbox = finicitySandbox({ clock, ...options });
  const { partnerId, partnerSecret, appKey } = sandbox.credentials;
  const send: Caller['send'] = async (method, path, sent, headers = {}) => {
    const response = await sandbox.fetch(ORIGIN + path, {
      method,
      headers: { 'finicity-app-key': appKey, accept: JSON_TYPE, 'content-type': JSON_TYPE, ...headers },
      ...(sent !== undefined && { body: typeof sent === 'string' ? sent : JSON.stringify(sent) }),
    });
    const [type, text] = [response.headers.get('content-type'), await response.text()];
    return { status: response.status, type, text, body: type === JSON_TYPE ? JSON.parse(text) : {} };
  };
  const createToken: Caller['createToken'] = (changes, headers) =>
    send('POST', AUTHENTICATION, { partnerId, partnerSecret, ...changes }, headers);
  return {
    ...{ clock, sandbox, send, createToken },
    changeSecret: (changes) => send('PUT', AUTHENTICATION, { partnerId, partnerSecret, newPartnerSecret: 'brandNewSecret1', ...changes }),
    token: async (headers) => String((await createToken({}, headers)).body['token']),
    institutions: (token, query = '') => send('GET', INSTITUTIONS + query, undefined, { 'finicity-app-token': token }),
  };
};
