import { AuthError, type AuthErrorCode, type AuthProvider, type Secret, type Token } from '@auth/core';
import {
  asOperation,
  checkedRedirectUri,
  connectStates,
  createHttp,
  type ErrorAnswer,
  fingerprintOf,
  type ManagedAuthority,
  managedMany,
  readCallback,
  readErrorAnswer,
  tokenAuthority,
} from '@auth/core/kit';
import type { CheckedRuntime } from '../src/index.ts';

/** A provider with every capability, as small as it can be. */
export interface AcmeProvider extends AuthProvider<'application' | 'secret' | 'users' | 'userTokens' | 'codes' | 'revocation' | 'connect'> {
  readonly application: ManagedAuthority;
  readonly asUser: (userId: string) => ManagedAuthority;
}

export const BASE_URL = 'https://acme.example/v1/';
const SESSION = 30 * 60_000;

const CODES: Readonly<Record<string, AuthErrorCode>> = {
  wrong_secret: 'invalid_credentials',
  dead_token: 'invalid_token',
  plan: 'forbidden',
  unknown: 'not_found',
  spent_code: 'invalid_token',
};

const codeOf = ({ body }: ErrorAnswer): string => (typeof body === 'object' && body !== null ? String(Reflect.get(body, 'code')) : '');

const explain = (refusal: ErrorAnswer): { readonly code: AuthErrorCode; readonly message: string } => {
  const known = Object.hasOwn(CODES, codeOf(refusal)) ? CODES[codeOf(refusal)] : undefined;
  const byStatus = refusal.status >= 500 ? 'unavailable' : refusal.status === 429 ? 'rate_limited' : 'invalid_request';
  return { code: known ?? byStatus, message: `Acme refused it with status ${refusal.status}. Look it up.` };
};

/** A body's member of this type. */
const member =
  <T>(name: string, type: 'string' | 'number') =>
  (body: unknown): T => {
    const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
    if (typeof value !== type || value === '') throw new Error('The body has another shape.');
    return value as T; // of the type that was just looked at
  };
const text = (name: string): ((body: unknown) => string) => member<string>(name, 'string');
const number = (name: string): ((body: unknown) => number) => member<number>(name, 'number');

const refused = (operation: string, message: string, code: AuthErrorCode = 'invalid_request'): AuthError =>
  new AuthError(message, { code, provider: 'acme', operation });

const idOf = (userId: string, operation: string): string => {
  if (/^[1-9]\d*$/.test(userId)) return userId;
  throw refused(operation, 'An id consists of digits. Nothing was sent.');
};

export const acme = ({ fetch, store, tenant, clock, observe, waitUntil }: CheckedRuntime, secret: string): AcmeProvider => {
  const account = JSON.stringify(['acme', BASE_URL]);
  if (/[^\x21-\x7e]/.test(secret)) throw refused('options', 'The secret has a blank or a character that no secret has.', 'misconfigured');
  const headersOf = ({ value }: Token): Readonly<Record<string, string>> => ({ authorization: `Bearer ${value}` });
  const http = createHttp({ provider: 'acme', baseUrl: BASE_URL, fetch, headersOf, explain });

  const tokenBy = async (
    operation: string,
    path: string,
    body: Readonly<Record<string, string>>,
    signal?: AbortSignal,
    idempotent = true,
  ) => {
    const issuedAt = clock.now();
    const parse = (answer: unknown): { token: Token; user: string } => ({
      token: { value: text('token')(answer), issuedAt, expiresAt: issuedAt + number('lifetime')(answer) * 1000 },
      user: path === 'exchange' ? text('user')(answer) : '',
    });
    return http.request({ operation, method: 'POST', path, json: () => body, parse, signal, idempotent });
  };
  const tokens = managedMany(
    (user) => ({ token: async ({ signal }) => (await tokenBy(operationOf(user), 'token', { secret, user }, signal)).token }),
    {
      store,
      tenant,
      key: account,
      account,
      clock,
      observe,
      waitUntil,
      fingerprint: () => fingerprintOf(account, secret),
      provider: 'acme',
      operation: 'asUser.token',
    },
  );
  const authorityOf = (id: string): ManagedAuthority => {
    const { token, ...subject } = tokens.of(id);
    return tokenAuthority({
      provider: 'acme',
      baseUrl: BASE_URL,
      transport: fetch,
      headersOf,
      explain,
      tokens: { ...subject, token: (options) => asOperation(operationOf(id), () => token(options)) },
      isTokenRefused: async (response) => response.status === 401 && codeOf(await readErrorAnswer(response.clone())) === 'dead_token',
    });
  };
  const application = authorityOf('');
  const asUser = (userId: string): ManagedAuthority => authorityOf(idOf(userId, 'asUser'));
  const states = connectStates({ provider: 'acme', account, store, tenant, clock });
  const call = <T>(
    operation: string,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    as: ManagedAuthority,
    parse: (body: unknown) => T,
    json = {},
  ) =>
    asOperation(operation, () =>
      http.request({
        operation,
        method,
        path,
        as,
        parse,
        idempotent: operation !== 'users.create',
        ...(method === 'POST' && { json: () => json }),
      }),
    );

  return {
    id: 'acme',
    contract: 1,
    baseUrl: BASE_URL,
    application,
    asUser,
    users: {
      create: async ({ reference }) => ({
        id: await call('users.create', 'POST', 'users', application, text('id'), { reference }),
        createdAt: null,
      }),
      get: async (userId) => {
        const id = idOf(userId, 'users.get');
        return { id: await call('users.get', 'GET', `users/${id}`, application, text('id')), createdAt: null };
      },
      delete: async (userId) => {
        const id = idOf(userId, 'users.delete');
        const existed = await call('users.delete', 'DELETE', `users/${id}`, application, () => true).catch(missing);
        await tokens.of(id).forget();
        return { existed };
      },
    },
    userTokens: {
      issue: async (userId, { signal } = {}) => {
        const user = idOf(userId, 'userTokens.issue');
        return (await tokenBy('userTokens.issue', 'token', { secret, user }, signal)).token;
      },
      adopt: async (userId, token) => tokens.of(idOf(userId, 'userTokens.adopt')).adopt(token),
    },
    codes: {
      issue: async (userId) => {
        const as = asUser(idOf(userId, 'codes.issue'));
        const issuedAt = clock.now();
        const parse = (body: unknown) => ({
          value: text('code')(body),
          expiresAt: issuedAt + number('lifetime')(body) * 1000,
          singleUse: true,
        });
        return call('codes.issue', 'POST', 'codes', as, parse);
      },
      exchange: async (code, { signal }) => {
        const spend = () => tokenBy('codes.exchange', 'exchange', { secret, code }, signal, false);
        const { token, user } = await tokens.attempt('codes.exchange', spend, { signal });
        await tokens.of(user).adopt(token);
        return { userId: user };
      },
    },
    revocation: {
      revoke: async (userId) => {
        const subject = tokens.of(idOf(userId, 'revocation.revoke'));
        const as = await subject.current();
        if (as === undefined) return { existed: false };
        const parse = (): boolean => true;
        const existed = await http.request({ operation: 'revocation.revoke', method: 'DELETE', path: 'token', as, parse }).catch(missing);
        await subject.forget();
        return { existed };
      },
    },
    connect: {
      start: async ({ userId, redirectUri: given }) => {
        const as = asUser(idOf(userId, 'connect.start'));
        const redirectUri = checkedRedirectUri(given, { provider: 'acme', operation: 'connect.start', privateSchemes: false });
        const state = states.create();
        const url = await call('connect.start', 'POST', 'pages', as, text('url'), { redirectUri, state });
        return { url, state, userId, redirectUri, expiresAt: clock.now() + SESSION };
      },
      complete: async (callbackUrl, session) => {
        const callback = readCallback(callbackUrl);
        await states.spend(callback, session, 'connect.complete');
        if (callback.values('error').length > 0) throw refused('connect.complete', 'The user declined. Start again.', 'consent_denied');
        return { userId: session.userId, connectionIds: callback.values('connection') };
      },
    },
    secret: rotation(http, (pending) => tokenBy('secret.recover', 'token', { secret: pending, user: '' })),
    reset: tokens.reset,
    [Symbol.asyncDispose]: tokens[Symbol.asyncDispose],
  };
};

const operationOf = (id: string): string => (id === '' ? 'application.token' : 'asUser.token');

const missing = (error: unknown): false => {
  if (AuthError.is(error, 'not_found') || AuthError.is(error, 'invalid_token')) return false;
  throw error;
};

const rotation = (http: ReturnType<typeof createHttp>, probe: (secret: string) => Promise<unknown>): Secret => ({
  rotate: async ({ vault, next = `next${crypto.randomUUID()}` }) => {
    const { current } = await vault.read();
    await vault.write({ current, pending: next });
    const json = () => ({ secret: current, next });
    await http.request({ operation: 'secret.rotate', method: 'PUT', path: 'secret', json, parse: () => {}, idempotent: false });
    await vault.write({ current: next, pending: null });
  },
  recover: async ({ vault }) => {
    const { current, pending } = await vault.read();
    if (pending === null) return;
    const isInEffect = await probe(pending).then(
      () => true,
      (error: unknown) => {
        if (AuthError.is(error, 'invalid_credentials')) return false;
        throw error;
      },
    );
    await vault.write({ current: isInEffect ? pending : current, pending: null });
  },
});
