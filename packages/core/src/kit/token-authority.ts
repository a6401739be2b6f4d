import type { Authorization, Fetch, Token, TokenAuthority } from '../authority.ts';
import type { Handle } from '../engine/handle.ts';
import { AuthError } from '../errors.ts';
import type { Managed } from '../token-source.ts';
import { frozenHeaders, originGuard } from './authority-checks.ts';
import { type ErrorOfOptions, errorOfAnswer } from './error-of.ts';

/** What makes a managed token an authority. */
export interface TokenAuthorityOptions extends ErrorOfOptions {
  readonly baseUrl: string;
  readonly transport: Fetch;
  /**
   * From `managedMany` or `managed`. With `refused`, a token that is refused although it is new is given up after a pause only; without
   * it, at once.
   */
  readonly tokens: Pick<Managed, 'token' | 'peek' | 'invalidate' | 'status' | 'reset'> & Partial<Pick<Handle, 'refused' | 'accepted'>>;
  /** The credential headers of the token. */
  readonly headersOf: (token: Token) => Readonly<Record<string, string>>;
  /** The members that the token adds to a JSON body, for vendors that want it there. */
  readonly bodyFieldsOf?: ((token: Token) => Readonly<Record<string, string>>) | undefined;
  /** Whether this answer means that the vendor no longer accepts the token. May read the body, but only from a clone. */
  readonly isTokenRefused: (response: Response, token: Token) => Promise<boolean>;
  /**
   * Asks the vendor whether this very token has ended, by a call that every live token can make. Called when a token is refused whose
   * predecessor was refused too: if the token is alive, it stays. For vendors whose tokens have no end, so that none is made in vain.
   */
  readonly isTokenEnded?: ((token: Token) => Promise<boolean>) | undefined;
}

/** What the providers' authorities have beyond the contract. */
export interface ManagedAuthority extends TokenAuthority {
  /** Forgets the refusals of this account. Call it after the credentials were fixed. */
  readonly reset: () => Promise<void>;
}

/** An authority that sends a managed token, to one origin only. */
export const tokenAuthority = ({
  baseUrl,
  transport,
  tokens,
  headersOf,
  bodyFieldsOf,
  isTokenRefused,
  isTokenEnded,
  ...errors
}: TokenAuthorityOptions): ManagedAuthority => {
  const { provider } = errors;
  const checkOrigin = originGuard(provider, baseUrl);
  const unusable = (): AuthError =>
    new AuthError('The token has characters that headers do not allow. Get another one.', {
      code: 'invalid_response',
      provider,
      operation: 'authorize',
    });
  let last: Authorization | undefined;

  const authorizationOf = (token: Token): Authorization => {
    if (last?.token === token) return last;
    const bodyFields = bodyFieldsOf ? Object.freeze({ ...bodyFieldsOf(token) }) : null;
    const made = Object.freeze({ headers: frozenHeaders(headersOf(token), unusable), bodyFields, token });
    last = made;
    return made;
  };

  return {
    baseUrl,
    transport,
    authorize: async ({ url }, options) => {
      checkOrigin(url);
      return authorizationOf(tokens.peek() ?? (await tokens.token(options)));
    },
    shouldRetry: async (response, { token }) => {
      if (token === null) return null;
      if (response.ok) tokens.accepted?.(token);
      // An answer that the runtime hides stands for a 401.
      if (response.ok || !(response.type === 'error' || (await isTokenRefused(response, token)))) return null;
      if (tokens.refused) return (await tokens.refused(token, isTokenEnded)) ? 'token' : null;
      await tokens.invalidate(token);
      return 'token';
    },
    errorOf: errorOfAnswer(errors, () => last, true),
    token: tokens.token,
    peek: tokens.peek,
    invalidate: tokens.invalidate,
    status: tokens.status,
    reset: tokens.reset,
  };
};
