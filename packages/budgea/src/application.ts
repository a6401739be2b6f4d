import type { AuthErrorCode, ProviderRuntime, Token } from '@auth/core';
import { AuthError, managed } from '@auth/core';
import { fingerprintOf, type ManagedAuthority, readSecret, type SecretSource, type ServerClock, tokenAuthority } from '@auth/core/kit';
import type { BudgeaApi } from './api.ts';
import { isUnauthorized } from './errors.ts';
import { MANAGE_TOKEN } from './options.ts';
import { isToken } from './schemas.ts';
import { ANSWER_HOLDS, createTokenProbe } from './token-probe.ts';

/** In minutes. With the vendor's default of 1, a quiet product would request a JWT for most of its calls. */
const DURATION = 60;

/** The codes that the general table gives a refused Bearer token. Here that token is the manage token itself. */
const REFUSED: ReadonlySet<AuthErrorCode> = new Set(['invalid_token', 'forbidden', 'invalid_credentials']);

/** What the administrator's authority needs. */
export interface ApplicationOptions extends Pick<ProviderRuntime, 'store' | 'whenStoreIsDown' | 'observe'> {
  readonly clock: ServerClock;
  readonly api: BudgeaApi;
  readonly clientId: string;
  readonly manageToken: SecretSource;
  readonly baseUrl: string;
  readonly transport: ManagedAuthority['transport'];
  readonly headersOf: (token: Token) => Readonly<Record<string, string>>;
}

/** The administrator's authority, which sends short-lived JWTs in place of the manage token; `dispose` ends its background work. */
export const createApplication = ({
  api,
  clientId,
  manageToken,
  baseUrl,
  transport,
  headersOf,
  store,
  whenStoreIsDown,
  clock,
  observe,
}: ApplicationOptions): { readonly authority: ManagedAuthority; readonly dispose: () => Promise<void> } => {
  // Not the client's account: a wrong manage token must not stop the users, and a wrong client secret must not stop the administrator.
  const account = JSON.stringify(['budgea', baseUrl, clientId, 'application']);
  const tokens = managed(
    {
      token: async ({ signal }) => {
        const value = await readSecret(manageToken, MANAGE_TOKEN);
        if (!isToken(value)) throw unusable();
        // Taken before the request: the JWT's lifetime starts when the vendor makes it, not when the answer arrives.
        const sentAt = clock.monotonic();
        const as = { value, issuedAt: clock.now(), expiresAt: null };
        const { jwtToken, lifetime } = await api.createManageJwt({ duration: DURATION }, { as, signal }).catch(rethrow);
        const issuedAt = clock.at(sentAt);
        return { value: jwtToken, issuedAt, expiresAt: lifetime === null ? null : issuedAt + lifetime * 1000 };
      },
    },
    {
      store,
      whenStoreIsDown,
      key: account,
      account,
      clock,
      observe,
      fingerprint: async () => fingerprintOf(account, await readSecret(manageToken, MANAGE_TOKEN)),
      provider: 'budgea',
      operation: 'application.token',
    },
  );
  const isRevoked = createTokenProbe(clock, (token) => api.getClient(clientId, { as: token }));
  let given: { readonly up: Token; readonly at: number } | undefined;
  /** If the next JWT is refused too, the scope is what stops them all, and one renewal a minute is enough. */
  const isWorthAnother = async (token: Token): Promise<boolean> => {
    if (!(await isRevoked(token))) return false;
    if (given && given.up !== token && clock.monotonic() - given.at < ANSWER_HOLDS) return false;
    if (given?.up !== token) given = { up: token, at: clock.monotonic() };
    return true;
  };
  const authority = tokenAuthority({
    provider: 'budgea',
    baseUrl,
    transport,
    tokens,
    headersOf,
    isTokenRefused: async (response, token) =>
      (await isUnauthorized(response)) || (response.status === 403 && (await isWorthAnother(token))),
  });
  return { authority, dispose: () => tokens[Symbol.asyncDispose]() };
};

const unusable = (): AuthError =>
  new AuthError(
    `${MANAGE_TOKEN.option} is not a token: it has a space, line break or other invalid character. Nothing was sent. Check its value.`,
    { code: 'misconfigured', provider: 'budgea', operation: 'application.token' },
  );

const rethrow = (error: unknown): never => {
  if (!AuthError.is(error) || !REFUSED.has(error.code)) throw error;
  const { provider, operation, status, vendorCode, requestId } = error;
  throw new AuthError(
    `Budgea refused the manage token. Check that ${MANAGE_TOKEN.option} is the administrator's token and belongs to this domain.`,
    { code: 'invalid_credentials', provider, operation, status, vendorCode, requestId },
  );
};
