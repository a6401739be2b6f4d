import { AuthError } from '../errors.ts';

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Schemes that run or read something instead of calling an app. */
const NO_CALLBACK = /^(?:about|blob|data|file|filesystem|javascript|vbscript):$/;

/** Which redirect URIs are allowed, and what errors are named after. */
export interface RedirectUriRules {
  readonly provider: string;
  readonly operation: string;
  /** Whether apps may be called through a scheme of their own (RFC 8252, section 7.1). */
  readonly privateSchemes: boolean;
}

/** Returns the redirect URI as it was given, if a state can be added to it. Throws `invalid_request` otherwise, saying why. */
export const checkedRedirectUri = (redirectUri: string, { provider, operation, privateSchemes }: RedirectUriRules): string => {
  const fail = (what: string): AuthError =>
    new AuthError(`The redirect URI ${what}. Nothing was sent.`, { code: 'invalid_request', provider, operation });
  if (!URL.canParse(redirectUri)) throw fail('is no absolute URL');
  const { protocol, hostname, username, password } = new URL(redirectUri);
  const isPrivate = privateSchemes && protocol !== 'http:' && !NO_CALLBACK.test(protocol);
  if (protocol !== 'https:' && !isPrivate && !(protocol === 'http:' && LOOPBACK.has(hostname)))
    throw fail('has to begin with https, or with http on loopback');
  if (username !== '' || password !== '') throw fail('must not contain credentials');
  if (/[?#]/.test(redirectUri)) throw fail('must have neither query nor fragment: the state becomes its query');
  return redirectUri;
};
