/** An emulated vendor, as the frame around it sees it: its routes, and what can be done to it from behind. */
export interface Vendor<Credentials, ErrorName extends string> {
  readonly name: 'finicity' | 'budgea';
  /** Where the API begins: `/`, `/2.0/`. */
  readonly basePath: string;
  readonly credentials: Readonly<Credentials>;
  /** The environment variables that point a provider at this vendor, which listens at `url`. */
  readonly environment: (url: string) => Record<string, string>;
  /** The vendor's routes, pages for browsers included. Answers every request, never rejects. */
  readonly answer: (request: Request) => Response | Promise<Response>;
  /** Every error of the vendor by a name of ours, in the words and the representation that this request would get. */
  readonly errors: Readonly<Record<ErrorName, (request: Request) => Response>>;
  /** Query parameters whose values the log of calls may show. All others are masked. */
  readonly visibleQuery: ReadonlySet<string>;
  /** Ends the token that the request carries, if it carries one. */
  readonly endToken: (request: Request) => void | Promise<void>;
  /** Ends every token. */
  readonly expireTokens: () => void;
  /** Numbers and plain facts for the admin API: never a token, a code or a secret. */
  readonly state: () => Readonly<Record<string, unknown>>;
  /** What the vendor's support does for an account that is locked. A vendor that locks nothing has none. */
  readonly unlock?: (() => void) | undefined;
  /** Back to the state at creation. */
  readonly reset: () => void;
}
