import type { TokenSource } from '@auth/core';
import { fingerprintOf, type ManagedAuthority, readErrorAnswer, readSecret, type SecretSource, type Vendor } from '@auth/core/kit';
import type { AcmeApi } from './api/operations.ts';
import { isTokenRefusal } from './errors.ts';
import { CLIENT_SECRET } from './options.ts';

/** What the application's authority needs. */
export interface ApplicationOptions {
  readonly vendor: Vendor;
  readonly api: AcmeApi;
  readonly clientId: string;
  readonly clientSecret: SecretSource;
}

/** The application; `dispose` ends its background work. */
export interface Application {
  readonly authority: ManagedAuthority;
  readonly dispose: () => Promise<void>;
}

// TODO: is it one token for all users, as here? Tokens of single users are in packages/budgea/src/as-user.ts; static keys, self-signed
// JWTs, refresh tokens that can be used once and signed requests are in examples/providers.

/** The application, whose one token is good for every user. */
export const createApplication = ({ vendor, api, clientId, clientSecret }: ApplicationOptions): Application => {
  const account = vendor.account(clientId);
  const secretNow = (): Promise<string> => readSecret(clientSecret, CLIENT_SECRET);
  const token: TokenSource['token'] = async ({ signal }) => {
    const credentials = { clientSecret: await secretNow() };
    // Taken before the request: the token's life starts when the vendor makes it, not when the answer arrives.
    const sentAt = vendor.clock.monotonic();
    const { token: value, expiresIn } = await api.createToken(credentials, { signal });
    const issuedAt = vendor.clock.at(sentAt);
    return { value, issuedAt, expiresAt: issuedAt + expiresIn * 1000 };
  };
  const tokens = vendor.tokens(account, () => ({ token }), {
    fingerprint: async () => fingerprintOf(account, await secretNow()),
    operation: 'application.token',
  });
  return {
    // Other refusals are never about the token, and their bodies may be long.
    authority: vendor.authority(
      tokens.of(''),
      async (response) => response.status === 401 && isTokenRefusal(await readErrorAnswer(response.clone())),
    ),
    dispose: () => tokens[Symbol.asyncDispose](),
  };
};
