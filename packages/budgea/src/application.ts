import type { AuthErrorCode, TokenSource } from '@auth/core';
import { AuthError } from '@auth/core';
import { fingerprintOf, type ManagedAuthority, readSecret, type SecretSource, type Vendor } from '@auth/core/kit';
import type { BudgeaApi } from './api/operations.ts';
import { isToken } from './api/schemas.ts';
import { fail, isUnauthorized } from './errors.ts';
import { MANAGE_TOKEN } from './options.ts';
import { createTokenProbe } from './token-probe.ts';

/** In minutes. With the vendor's default of 1, a quiet product would request a JWT for most of its calls. */
const DURATION = 60;

/** The codes that the general table gives a refused Bearer token. Here that token is the manage token itself. */
const REFUSED: ReadonlySet<AuthErrorCode> = new Set(['invalid_token', 'forbidden', 'invalid_credentials']);

/** What the administrator's authority needs. */
export interface ApplicationOptions {
  readonly vendor: Vendor;
  readonly api: BudgeaApi;
  readonly clientId: string;
  readonly manageToken: SecretSource;
}

/** The administrator's authority, which sends short-lived JWTs in place of the manage token; `dispose` ends its background work. */
export const createApplication = ({
  vendor,
  api,
  clientId,
  manageToken,
}: ApplicationOptions): { readonly authority: ManagedAuthority; readonly dispose: () => Promise<void> } => {
  const { clock } = vendor;
  // Not the client's account: a wrong manage token must not stop the users, and a wrong client secret must not stop the administrator.
  const account = vendor.account(clientId, 'application');
  const token: TokenSource['token'] = async ({ signal }) => {
    const value = await readSecret(manageToken, MANAGE_TOKEN);
    if (!isToken(value)) throw unusable();
    // Taken before the request: the JWT's lifetime starts when the vendor makes it, not when the answer arrives.
    const sentAt = clock.monotonic();
    const as = { value, issuedAt: clock.now(), expiresAt: null };
    const { jwtToken, lifetime } = await api.createManageJwt({ duration: DURATION }, { as, signal }).catch(rethrow);
    const issuedAt = clock.at(sentAt);
    return { value: jwtToken, issuedAt, expiresAt: lifetime === null ? null : issuedAt + lifetime * 1000 };
  };
  const tokens = vendor.tokens(account, () => ({ token }), {
    fingerprint: async () => fingerprintOf(account, await readSecret(manageToken, MANAGE_TOKEN)),
    operation: 'application.token',
  });
  const isRevoked = createTokenProbe(clock, (as) => api.getClient(clientId, { as }));
  const authority = vendor.authority(
    tokens.of(''),
    async (response, sent) => (await isUnauthorized(response)) || (response.status === 403 && (await isRevoked(sent))),
  );
  return { authority, dispose: () => tokens[Symbol.asyncDispose]() };
};

const unusable = (): AuthError =>
  fail(
    'misconfigured',
    'application.token',
    `${MANAGE_TOKEN.option} is not a token: it has a space, line break or other invalid character. Nothing was sent. Check its value.`,
  );

const rethrow = (error: unknown): never => {
  if (!AuthError.is(error) || !REFUSED.has(error.code)) throw error;
  throw fail(
    'invalid_credentials',
    error.operation,
    `Budgea refused the manage token. Check that ${MANAGE_TOKEN.option} is the administrator's token and belongs to this domain.`,
    error,
  );
};
