import type { AuthErrorCode, ProviderRuntime, Token } from '@auth/core';
import { AuthError, managed } from '@auth/core';
import { fingerprintOf, type ManagedAuthority, readSecret, type SecretSource, type ServerClock, tokenAuthority } from '@auth/core/kit';
import type { BudgeaApi } from './api.ts';
import { isUnauthorized } from './errors.ts';
import { MANAGE_TOKEN } from './options.ts';
import { isToken } from './schemas.ts';
import { ANSWER_HOLDS, createTokenProbe } from './token-probe.ts';

/** Minutes. The vendor's own default is one, which would be a request for a JWT with most requests of a quiet product. */
const DURATION = 60;

/** What the generic table makes of a refused Bearer. Here that is the credential itself. */
const REFUSED: ReadonlySet<AuthErrorCode> = new Set(['invalid_token', 'forbidden', 'invalid_credentials']);

/** What the administrator's authority works with. */
export interface ApplicationOptions extends Pick<ProviderRuntime, 'store' | 'whenStoreIsDown' | 'observe'> {
  readonly clock: ServerClock;
  readonly api: BudgeaApi;
  readonly clientId: string;
  readonly manageToken: SecretSource;
  readonly baseUrl: string;
  readonly transport: ManagedAuthority['transport'];
  readonly headersOf: (token: Token) => Readonly<Record<string, string>>;
}

/** The administrator, by JWTs that stand for the manage token for a while, with the end of their background work. */
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
  // Not the client's account: a wrong manage token must not stop the users, nor a wrong client secret this.
  const account = JSON.stringify(['budgea', baseUrl, clientId, 'application']);
  const tokens = managed(
    {
      token: async ({ signal }) => {
        const value = await readSecret(manageToken, MANAGE_TOKEN);
        if (!isToken(value)) throw unusable();
        // Before the request: the JWT's life starts when the vendor makes it, not when the answer is here.
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
  /** Where the next JWT is refused as well, it is the scope that stops them all: then one renewal a minute is enough. */
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
    `${MANAGE_TOKEN.option} is no token: it has a blank, a line break or another character that no token has. Nothing was sent.`,
    { code: 'misconfigured', provider: 'budgea', operation: 'application.token' },
  );

const rethrow = (error: unknown): never => {
  if (!AuthError.is(error) || !REFUSED.has(error.code)) throw error;
  const { provider, operation, status, vendorCode, requestId } = error;
  throw new AuthError(
    `Budgea refused the manage token. Check ${MANAGE_TOKEN.option}: it is the administrator's, and belongs to this domain.`,
    { code: 'invalid_credentials', provider, operation, status, vendorCode, requestId },
  );
};
