import type { Authority, CallOptions, Token } from '@auth/core';

/** On whose behalf: an authority renews a refused token once, a token is sent as it is. */
export interface BearerOptions extends CallOptions {
  readonly as: Authority | Token;
}

/** What to show of a resource beyond itself. */
export interface ExpandOptions {
  /** Names with commas between them, nested ones in brackets: `accounts[transactions],connector`. What comes is in `expanded`. */
  readonly expand?: string | undefined;
}

/** Which part of a list, and what to show of each entry. */
export interface ListOptions extends ExpandOptions {
  /** At most 1000. */
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}
