/// <reference lib="esnext.disposable" preserve="true" />

import type { AuthProvider, Connect, ProviderPlugin, Revocation, Token } from '@auth/core';
import { AuthError, systemClock } from '@auth/core';
import {
  asOperation,
  checkedRedirectUri,
  connectStates,
  createHttp,
  definePlugin,
  fingerprintOf,
  type ManagedAuthority,
  type ManagedMany,
  managedMany,
  normalizedBaseUrl,
  readCallback,
  readErrorAnswer,
  readSecret,
  runtimeFetch,
  serverClock,
  tokenAuthority,
} from '@auth/core/kit';
import { type ClientCredentials, createApi, type TokenAnswer } from './api.ts';
import { explain, isTokenRefusal } from './errors.ts';
import { CLIENT_SECRET, fields, type SingleUseOptions, schema } from './options.ts';

/** A vendor whose refresh tokens are spent by their use, like Akoya. A user id here names one connection, as tokens belong to that. */
export interface SingleUseProvider extends AuthProvider<'connect' | 'revocation'> {
  readonly id: 'single-use';
  readonly asUser: (connectionId: string) => ManagedAuthority;
}

/** Milliseconds that a user has at the bank. */
const SESSION = 30 * 60_000;

const create = ({
  clientId,
  clientSecret,
  baseUrl: given,
  store,
  whenStoreIsDown,
  fetch = runtimeFetch,
  clock: own = systemClock,
  observe,
}: SingleUseOptions): SingleUseProvider => {
  const baseUrl = normalizedBaseUrl(given);
  const clock = serverClock(own);
  const account = JSON.stringify(['single-use', baseUrl, clientId]);
  const headers = { accept: 'application/json' };
  const headersOf = ({ value }: Token): Readonly<Record<string, string>> => ({ ...headers, authorization: `Bearer ${value}` });
  const api = createApi(createHttp({ provider: 'single-use', baseUrl, fetch, headers, headersOf, explain, clock }));
  const clientNow = async (): Promise<ClientCredentials> => ({ clientId, clientSecret: await readSecret(clientSecret, CLIENT_SECRET) });

  /** Dated from before the request. */
  const timed = async (ask: () => Promise<TokenAnswer>): Promise<{ readonly token: Token; readonly answer: TokenAnswer }> => {
    const sentAt = clock.monotonic();
    const answer = await ask();
    const issuedAt = clock.at(sentAt);
    return { token: { value: answer.accessToken, issuedAt, expiresAt: issuedAt + answer.expiresIn * 1000 }, answer };
  };

  const tokens: ManagedMany = managedMany(
    () => ({
      token: async ({ refreshToken, saveRefreshToken, signal }) => {
        if (refreshToken === null) throw neverConnected();
        const client = await clientNow();
        const { token, answer } = await timed(() => api.refresh({ ...client, refreshToken }, { signal }));
        // Before the token is used: the old one is spent, and this one is in no other place.
        await saveRefreshToken(answer.refreshToken ?? refreshToken);
        return token;
      },
    }),
    {
      store,
      whenStoreIsDown,
      key: account,
      account,
      clock,
      observe,
      singleUse: true,
      fingerprint: async () => fingerprintOf(account, (await clientNow()).clientSecret),
      provider: 'single-use',
      operation: 'asUser.token',
    },
  );
  const states = connectStates({ provider: 'single-use', account, store, clock });

  const connect: Connect = {
    start: async ({ userId, redirectUri: wanted }) => {
      const redirectUri = checkedRedirectUri(wanted, { provider: 'single-use', operation: 'connect.start', privateSchemes: false });
      const state = states.create();
      const url = new URL('authorize', baseUrl);
      url.search = new URLSearchParams({ response_type: 'code', client_id: clientId, redirect_uri: redirectUri, state }).toString();
      return { url: url.href, state, userId, redirectUri, expiresAt: clock.now() + SESSION };
    },
    complete: async (callbackUrl, session, { signal } = {}) => {
      const callback = readCallback(callbackUrl);
      await states.spend(callback, session, 'connect.complete');
      if (callback.values('error').length > 0)
        throw failure('consent_denied', 'The user or the bank declined. Start again.', 'connect.complete');
      const [code = ''] = callback.values('code');
      if (code === '') throw failure('invalid_response', 'The callback has no code. Start again.', 'connect.complete');
      const { token, answer } = await tokens.attempt(
        'connect.complete',
        async () => {
          const client = await clientNow();
          return timed(() => api.exchangeCode({ ...client, code, redirectUri: session.redirectUri }, { signal }));
        },
        { signal },
      );
      const { connectionId } = answer;
      // Unlike where a token can be had again, one that cannot be stored is lost: so this may reject with store_unavailable.
      await asOperation('connect.complete', () => tokens.of(connectionId).adopt(token, answer.refreshToken));
      return { userId: connectionId, connectionIds: [connectionId] };
    },
  };

  const revocation: Revocation = {
    revoke: (connectionId, { signal } = {}) =>
      asOperation('revocation.revoke', async () => {
        const subject = tokens.of(oneId(connectionId, 'revocation.revoke'));
        const token = await subject.current();
        const existed = token !== undefined && (await endsAtVendor(token, signal));
        await subject.forget();
        return { existed };
      }),
  };

  const endsAtVendor = (as: Token, signal: AbortSignal | undefined): Promise<boolean> =>
    api.revoke({ as, signal }).then(
      () => true,
      (error: unknown) => {
        if (AuthError.is(error, 'invalid_token')) return false;
        throw error;
      },
    );

  return {
    id: 'single-use',
    contract: 1,
    baseUrl,
    asUser: (connectionId) =>
      tokenAuthority({
        provider: 'single-use',
        baseUrl,
        transport: fetch,
        tokens: tokens.of(oneId(connectionId, 'asUser')),
        headersOf,
        isTokenRefused: async (response) => response.status === 401 && isTokenRefusal(await readErrorAnswer(response.clone())),
      }),
    connect,
    revocation,
    [Symbol.asyncDispose]: tokens[Symbol.asyncDispose],
  };
};

const failure = (code: AuthError['code'], message: string, operation: string): AuthError =>
  new AuthError(message, { code, provider: 'single-use', operation });

const neverConnected = (): AuthError =>
  failure('reconnect_required', 'Nothing is stored of this connection. The user has to connect, with connect.start.', 'asUser.token');

const oneId = (connectionId: string, operation: string): string => {
  if (/^[\w-]+$/.test(connectionId)) return connectionId;
  throw failure('invalid_request', 'A connection id is what connect.complete returned as userId. Nothing was sent.', operation);
};

export const singleUsePlugin: ProviderPlugin<'single-use', SingleUseOptions, SingleUseProvider> = definePlugin({
  id: 'single-use',
  fields,
  schema,
  create,
});

/**
 * @example
 * ```ts
 * const provider = singleUse({ clientId, clientSecret, baseUrl, store: sqliteStore({ path: 'tokens.db' }) });
 * const session = await provider.connect.start({ userId: 'reader-1', redirectUri });
 * const { userId } = await provider.connect.complete(callbackUrl, session);
 * const response = await authorizedFetch(provider.asUser(userId))('accounts');
 * ```
 */
export const singleUse = (options: SingleUseOptions): SingleUseProvider => singleUsePlugin.create(options);
