import type { AuthError, AuthErrorCode } from './errors.ts';

/** A credential with a lifetime. All times are epoch milliseconds. */
export interface Token {
  /** The secret itself, as it goes on the wire. */
  readonly value: string;
  /** The moment just before the request for this token was sent, never the moment its answer arrived. */
  readonly issuedAt: number;
  /** `null` for a token that does not expire. */
  readonly expiresAt: number | null;
}

/** The last argument of every operation. */
export interface CallOptions {
  /** Ends this caller's wait with `aborted`; work that others wait for goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** The `fetch` of a runtime, a proxy, a client-certificate agent or a sandbox. Unknown members of `init` pass through. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** The parts of a request that an authority may read. Any `Request` fits; signers read the body from `clone()`: the very bytes that are sent. */
export type Outgoing = Pick<Request, 'method' | 'url' | 'clone'>;

/** The credentials for one request. */
export interface Authorization {
  /** Header fields to set. Frozen; the same object serves every request while its token is current. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Members to add to the JSON object in the body, for vendors that want the credentials there; `null` if there are none. A request that
   * cannot have such a body (GET, HEAD, a form, a stream) is refused with `invalid_request`.
   */
  readonly bodyFields: Readonly<Record<string, string>> | null;
  /** The token in these credentials; `null` if they are not a token. */
  readonly token: Token | null;
}

/** Why the same request, authorised again, can succeed: with a new token, the nonce that the server asked for, or the server's own time. */
export type RetryReason = 'token' | 'nonce' | 'clock';

/**
 * The party on whose behalf requests are sent: the product, or one of its users. Cheap to create and to discard, because its state
 * lives in the provider and the store. Most callers want `authorizedFetch(authority)`.
 */
export interface Authority {
  /** Includes the API version and ends in a slash: `https://demo.biapi.pro/2.0/`. Credentials are sent to its origin only. */
  readonly baseUrl: string;
  /** Carries the requests: the `fetch` that the provider was given. Adds no credentials. */
  readonly transport: Fetch;
  /** Resolves to what goes into this request. Never consumes or changes the request. Rejects with `foreign_origin` for another origin. */
  readonly authorize: (request: Outgoing, options?: CallOptions) => Promise<Authorization>;
  /**
   * Learns from a response that is not a success, and from every response to a request that was repeated for a reason given here, success
   * or not. Resolves to the reason why the same request, authorised again, can succeed: the vendor refused this very token (which is now
   * invalid), wants a nonce, or disagrees about the time. `null` if the request cannot succeed, because of the plan, a permission or the
   * region, and if a new token was refused right after the one before: it stays, and a pause begins that grows with each further
   * refusal. Reads a clone of the response.
   *
   * `authorizedFetch` repeats a request once for each reason. It passes `Response.error()` when the runtime hides a 401 (Node up to 24.14 does,
   * if the body was a stream): it then counts as a refusal of the token.
   */
  readonly shouldRetry: (response: Response, sent: Authorization) => Promise<RetryReason | null>;
  /**
   * What the vendor means by a response that is not a success. Reads a clone; of a response whose body was read before, only the status
   * counts. Never rejects.
   */
  readonly errorOf: (response: Response) => Promise<AuthError>;
  /** For health pages. Sends nothing and contains no secret. */
  readonly status: () => Promise<AuthorityStatus>;
}

/** An authority whose credential is a token. */
export interface TokenAuthority extends Authority {
  /** The current token, renewed if need be. N concurrent callers cause one call to the vendor. */
  readonly token: (options?: CallOptions) => Promise<Token>;
  /** The token if it is fresh: synchronous, without I/O. */
  readonly peek: () => Token | undefined;
  /** Forgets this token, but only if it is still the current one. An order: it is obeyed within the pause after a renewal in vain too. */
  readonly invalidate: (rejected: Token) => Promise<void>;
}

/** What a health page shows about one authority. */
export interface AuthorityStatus {
  /** The provider's id. */
  readonly provider: string;
  /**
   * Names this authority, in events too: the same in every process that shares the store, and after a restart; without a store, as long as the
   * provider object lives. Nobody can find the user's id or the client by trying them all: the name is a hash under a random salt that only
   * the store has. While the store is down, the names are the process's own.
   */
  readonly authority: string;
  /** `static` where nothing expires by itself; `refused` when the vendor refused the credentials; the rest as in `tokenState`. */
  readonly state: 'static' | 'empty' | 'fresh' | 'advisory' | 'mandatory' | 'expired' | 'refused';
  readonly expiresAt: number | null;
  readonly nextRefreshAt: number | null;
  readonly lastSuccessAt: number | null;
  readonly lastError: AuthErrorCode | null;
  /** How many more definite refusals the guard allows before it stops asking; `null` if refusals are not counted. */
  readonly attemptsLeft: number | null;
  /** Whether this process is the one that renews for all of them. */
  readonly holdsLease: boolean;
}
