/** What a faulty request is answered with. More kinds will come: match on `kind` with a default. */
export type FaultReply<ErrorName extends string = never> =
  /** An answer in the vendor's place; the request takes no effect. `body` is sent as it is. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: string | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
    }
  /** One of the vendor's own errors, in the vendor's words. The request takes no effect. */
  | { readonly kind: 'error'; readonly error: ErrorName }
  /** 429 with an empty body. `retryAfter` is the header's value: seconds or an HTTP date; without it no header is sent. */
  | { readonly kind: 'rateLimited'; readonly retryAfter?: number | string | undefined }
  /** The page of a gateway in front of the vendor. The request takes no effect. Default status 502. */
  | { readonly kind: 'html'; readonly status?: number | undefined }
  /** The request takes effect, and its answer says that it is of another type. */
  | { readonly kind: 'contentType'; readonly contentType: string }
  /** The request takes effect, and its answer ends in the middle of the text, as if that were all. */
  | { readonly kind: 'invalidJson' }
  /** The request takes effect; the connection is cut in the middle of its answer's body. */
  | { readonly kind: 'truncated' }
  /** The request takes effect, and its answer has so many bytes of white space before its text. Default 10 MiB. */
  | { readonly kind: 'huge'; readonly bytes?: number | undefined }
  /** The request takes effect after this many milliseconds of the sandbox's clock. */
  | { readonly kind: 'latency'; readonly milliseconds: number }
  /** The request takes effect; `Date` is this many milliseconds ahead, or behind when negative. */
  | { readonly kind: 'skewedDate'; readonly milliseconds: number }
  /** The vendor ends the token that the request carries, and then answers the request. */
  | { readonly kind: 'endedToken' }
  /** The request takes effect, but its answer never arrives: the connection is cut. */
  | { readonly kind: 'lost' }
  /** The connection is closed before the request takes effect. */
  | { readonly kind: 'unreachable' }
  /** The connection is reset (TCP RST) before the request takes effect. */
  | { readonly kind: 'reset' }
  /** Nothing ever comes, and nothing takes effect. Ends with the request's signal or the server. */
  | { readonly kind: 'hang' };

/** Which requests go wrong, and how. */
export interface Fault<ErrorName extends string = never> {
  /** Upper case. Default: every method. */
  readonly method?: string | undefined;
  /** A path as it appears in `calls`, or the beginning of one and a `*`. Default: every path. */
  readonly path?: string | undefined;
  /** How many matching requests, from 1 on. Default 1; without end where `probability` or `lasts` is given. */
  readonly times?: number | undefined;
  /** How likely each matching request goes wrong, from 0 to 1. Default 1. */
  readonly probability?: number | undefined;
  /** Ends this many milliseconds of the sandbox's clock after it was added. Default: never. */
  readonly lasts?: number | undefined;
  readonly reply: FaultReply<ErrorName>;
}
