import type { Environment } from '@auth/core';

/** What a hand-written client knows of its vendor. */
export interface ByHand {
  /** The request that brings a token; a `POST` of JSON. */
  readonly tokenRequest: (
    environment: Environment,
    userId: string,
  ) => { readonly path: string; readonly headers: Record<string, string>; readonly body: object };
  /** Where the token is in the answer. */
  readonly tokenField: string;
  readonly headers: (environment: Environment, token: string) => Record<string, string>;
}
