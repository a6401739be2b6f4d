/// <reference lib="esnext.disposable" preserve="true" />

import type { AuthProvider, Connect, ProviderPlugin, Revocation, Token, TokenSource } from '@auth/core';
import { AuthError } from '@auth/core';
import {
  asOperation,
  checkedRedirectUri,
  createVendor,
  definePlugin,
  fingerprintOf,
  type ManagedAuthority,
  readCallback,
  readErrorAnswer,
  readSecret,
} from '@auth/core/kit';
import { oneConnectionId } from './api/ids.ts';
import { type ClientCredentials, createApi, type TokenAnswer } from './api/operations.ts';
import { explain, fail, isTokenRefusal } from './errors.ts';
import { CLIENT_SECRET, fields, type SingleUseOptions, schema } from './options.ts';

/** A vendor whose refresh tokens are spent by their use, like Akoya. A user id here names one connection, as tokens belong to that. */
export interface SingleUseProvider extends AuthProvider<'connect' | 'revocation'> {
  readonly id: 'single-use';
  readonly asUser: (connectionId: string) => ManagedAuthority;
}

/** The time that a user has at the bank, in milliseconds. */
const SESSION = 30 * 60_000;

const HEADERS = { accept: 'application/json' };
const headersOf = ({ value }: Token): Readonly<Record<string, string>> => ({ ...HEADERS, authorization: `Bearer ${value}` });

const create = ({ clientId, clientSecret, baseUrl, ...runtime }: SingleUseOptions): SingleUseProvider => {
  const vendor = createVendor({ ...runtime, id: 'single-use', baseUrl, headers: HEADERS, headersOf, explain });
  const { clock } = vendor;
  const account = vendor.account(clientId);
  const api = createApi(vendor, clientId);
  const clientNow = async (): Promise<ClientCredentials> => ({ clientSecret: await readSecret(clientSecret, CLIENT_SECRET) });

  /** Dated from before the request. */
  const timed = async (ask: () => Promise<TokenAnswer>): Promise<{ readonly token: Token; readonly answer: TokenAnswer }> => {
    const sentAt = clock.monotonic();
    const answer = await ask();
    const issuedAt = clock.at(sentAt);
    return { token: { value: answer.accessToken, issuedAt, expiresAt: issuedAt + answer.expiresIn * 1000 }, answer };
  };

  const token: TokenSource['token'] = async ({ refreshToken, saveRefreshToken, signal }) => {
    if (refreshToken === null) throw neverConnected();
    const client = await clientNow();
    const { token: fresh, answer } = await timed(() => api.refresh({ ...client, refreshToken }, { signal }));
    // Before the token is used: the old one is spent, and this one is in no other place.
    await saveRefreshToken(answer.refreshToken ?? refreshToken);
    return fresh;
  };
  const tokens = vendor.tokens(account, () => ({ token }), {
    singleUse: true,
    fingerprint: async () => fingerprintOf(account, (await clientNow()).clientSecret),
    operation: 'asUser.token',
  });
  const states = vendor.states(account);

  const connect: Connect = {
    start: async ({ userId, redirectUri: wanted }) => {
      const redirectUri = checkedRedirectUri(wanted, { provider: 'single-use', operation: 'connect.start', privateSchemes: false });
      const state = states.create();
      const url = new URL('authorize', vendor.baseUrl);
      url.search = new URLSearchParams({ response_type: 'code', client_id: clientId, redirect_uri: redirectUri, state }).toString();
      return { url: url.href, state, userId, redirectUri, expiresAt: clock.now() + SESSION };
    },
    complete: async (callbackUrl, session, { signal } = {}) => {
      const callback = readCallback(callbackUrl);
      await states.spend(callback, session, 'connect.complete');
      if (callback.values('error').length > 0)
        throw fail('consent_denied', 'connect.complete', 'The user or the bank declined. Start again.');
      const [code = ''] = callback.values('code');
      if (code === '') throw fail('invalid_response', 'connect.complete', 'The callback has no code. Start again.');
      const { token: first, answer } = await tokens.attempt(
        'connect.complete',
        async () => {
          const client = await clientNow();
          return timed(() => api.exchangeCode({ ...client, code, redirectUri: session.redirectUri }, { signal }));
        },
        { signal },
      );
      const { connectionId } = answer;
      // Unlike where a token can be had again, one that cannot be stored is lost: so this may reject with store_unavailable.
      await asOperation('connect.complete', () => tokens.of(connectionId).adopt(first, answer.refreshToken));
      return { userId: connectionId, connectionIds: [connectionId] };
    },
  };

  const revocation: Revocation = {
    revoke: (connectionId, { signal } = {}) =>
      asOperation('revocation.revoke', async () => {
        const subject = tokens.of(oneConnectionId(connectionId, 'revocation.revoke'));
        const current = await subject.current();
        const existed = current !== undefined && (await endsAtVendor(current, signal));
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
    baseUrl: vendor.baseUrl,
    asUser: (connectionId) =>
      vendor.authority(
        tokens.of(oneConnectionId(connectionId, 'asUser')),
        async (response) => response.status === 401 && isTokenRefusal(await readErrorAnswer(response.clone())),
      ),
    connect,
    revocation,
    reset: tokens.reset,
    [Symbol.asyncDispose]: tokens[Symbol.asyncDispose],
  };
};

const neverConnected = (): AuthError =>
  fail('reconnect_required', 'asUser.token', 'Nothing is stored of this connection. The user has to connect, with connect.start.');

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
