/// <reference lib="esnext.disposable" preserve="true" />

import type { Authority, Authorization, CallOptions, Fetch, Outgoing, RetryReason } from '../authority.ts';
import { createEngine } from '../engine/engine.ts';
import { AuthError } from '../errors.ts';
import type { ProviderRuntime } from '../provider-runtime.ts';
import { abortable } from '../wait.ts';
import { asOperation } from './as-operation.ts';
import { frozenHeaders, originGuard } from './authority-checks.ts';
import { type ErrorOfOptions, errorOfAnswer } from './error-of.ts';

/** What makes an authority without a token. The store holds nothing but what its name is made with: see `AuthorityStatus`. */
export interface RequestAuthorityOptions extends ErrorOfOptions, Pick<ProviderRuntime, 'store' | 'tenant'> {
  readonly baseUrl: string;
  readonly transport: Fetch;
  /** Whose credentials these are: provider, base URL and client. The status shows a name from which nobody can find it. */
  readonly account: string;
  /** The credential headers of this request. A signer reads the body from `clone()`. Called for every request, so it must be quick. */
  readonly headersOf: (request: Outgoing) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** The members that the credentials add to a JSON body, for vendors that want them there. */
  readonly bodyFieldsOf?: ((request: Outgoing) => Authorization['bodyFields'] | Promise<Authorization['bodyFields']>) | undefined;
  /**
   * Why the same request, authorised again, can succeed: the credentials have changed meanwhile (`token`), or the vendor told its time or a
   * nonce. `null` if it cannot. Not called for a success. May read the body, but only from a clone.
   */
  readonly shouldRetry: (response: Response, sent: Authorization) => Promise<RetryReason | null>;
}

/** An authority without a token, and its disposal. */
export interface RequestAuthority extends Authority {
  /** Later calls of `authorize` reject with `aborted`. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/**
 * An authority that makes the credential headers of each request, from static keys or a signature. It has no token; its state is
 * `static`.
 *
 * @example
 * ```ts
 * const authority = requestAuthority({
 *   provider: 'acme', baseUrl, transport, account, store, tenant,
 *   headersOf: async () => ({ authorization: `Basic ${btoa(`${clientId}:${await readSecret(apiKey, API_KEY)}`)}` }),
 *   shouldRetry: async () => null, explain,
 * });
 * ```
 */
export const requestAuthority = ({
  baseUrl,
  transport,
  account,
  headersOf,
  bodyFieldsOf,
  shouldRetry,
  store,
  tenant,
  ...errors
}: RequestAuthorityOptions): RequestAuthority => {
  const { provider, clock } = errors;
  const checkOrigin = originGuard(provider, baseUrl);
  const fail = (code: 'aborted' | 'misconfigured', message: string): AuthError =>
    new AuthError(message, { code, provider, operation: 'authorize' });
  const unusable = (): AuthError => fail('misconfigured', 'A credential has characters that headers do not allow. Check the options.');
  let isDisposed = false;
  let last: Authorization | undefined;
  // There is no token, so the state of a subject without one is what there is to say.
  const subject = createEngine(() => ({ token: () => Promise.reject(fail('misconfigured', 'There is no token.')) }), {
    provider,
    store,
    tenant,
    clock,
    key: account,
  }).of();

  const authorize = async (request: Outgoing, { signal }: CallOptions = {}): Promise<Authorization> => {
    checkOrigin(request.url);
    const stopIfOver = (): void => {
      if (isDisposed) throw fail('aborted', 'This provider has been disposed of. Make a new one.');
      if (signal?.aborted) throw fail('aborted', 'The caller aborted the call.');
    };
    stopIfOver();
    const ask = <T>(run: () => T | Promise<T>): Promise<T> =>
      abortable(
        asOperation('authorize', async () => run()),
        signal,
      ).catch((error: unknown) => {
        stopIfOver();
        throw error;
      });
    const headers = frozenHeaders(await ask(() => headersOf(request)), unusable);
    const bodyFields = bodyFieldsOf ? await ask(() => bodyFieldsOf(request)) : null;
    stopIfOver();
    last = Object.freeze({ headers, bodyFields: bodyFields && Object.freeze({ ...bodyFields }), token: null });
    return last;
  };

  return {
    baseUrl,
    transport,
    authorize,
    shouldRetry: async (response, sent) => (response.ok ? null : shouldRetry(response, sent)),
    errorOf: errorOfAnswer(errors, () => last, false),
    status: async () => ({ ...(await subject.status()), state: 'static' }),
    [Symbol.asyncDispose]: async () => {
      isDisposed = true;
    },
  };
};
