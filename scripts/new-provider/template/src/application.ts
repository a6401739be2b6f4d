import type { ProviderRuntime, Token } from '@auth/core';
import { managed } from '@auth/core';
import {
  fingerprintOf,
  type ManagedAuthority,
  readErrorAnswer,
  readSecret,
  type SecretSource,
  type ServerClock,
  tokenAuthority,
} from '@auth/core/kit';
import type { AcmeApi } from './api.ts';
import { isTokenRefusal } from './errors.ts';
import { CLIENT_SECRET } from './options.ts';

/** What the application's authority works with. */
export interface ApplicationOptions extends Pick<ProviderRuntime, 'store' | 'whenStoreIsDown' | 'observe'> {
  readonly clock: ServerClock;
  readonly api: AcmeApi;
  readonly clientId: string;
  readonly clientSecret: SecretSource;
  readonly baseUrl: string;
  readonly transport: ManagedAuthority['transport'];
  readonly headersOf: (token: Token) => Readonly<Record<string, string>>;
}

/** The application, and the end of its background work. */
export interface Application {
  readonly authority: ManagedAuthority;
  readonly dispose: () => Promise<void>;
}

// TODO: is it one token for all users, as here? Tokens of single users are in packages/budgea/src/as-user.ts; static keys, self-signed
// JWTs, refresh tokens that can be used once and signed requests are in examples/providers.

/** The application, whose one token is good for every user. */
export const createApplication = ({
  api,
  clientId,
  clientSecret,
  baseUrl,
  transport,
  headersOf,
  store,
  whenStoreIsDown,
  clock,
  observe,
}: ApplicationOptions): Application => {
  const account = JSON.stringify(['acme', baseUrl, clientId]);
  const secretNow = (): Promise<string> => readSecret(clientSecret, CLIENT_SECRET);
  const tokens = managed(
    {
      token: async ({ signal }) => {
        const secret = await secretNow();
        // Before the request: the token's life starts when the vendor makes it, not when the answer is here.
        const sentAt = clock.monotonic();
        const { token, expiresIn } = await api.createToken({ clientId, clientSecret: secret }, { signal });
        const issuedAt = clock.at(sentAt);
        return { value: token, issuedAt, expiresAt: issuedAt + expiresIn * 1000 };
      },
    },
    {
      store,
      whenStoreIsDown,
      key: account,
      account,
      clock,
      observe,
      fingerprint: async () => fingerprintOf(account, await secretNow()),
      provider: 'acme',
      operation: 'application.token',
    },
  );
  const authority = tokenAuthority({
    provider: 'acme',
    baseUrl,
    transport,
    tokens,
    headersOf,
    // Other refusals are never about the token, and their bodies may be long.
    isTokenRefused: async (response) => response.status === 401 && isTokenRefusal(await readErrorAnswer(response.clone())),
  });
  return { authority, dispose: () => tokens[Symbol.asyncDispose]() };
};
