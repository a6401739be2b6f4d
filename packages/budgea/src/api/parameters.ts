/** What to return beside a resource itself. */
export interface ExpandOptions {
  /** Names separated by commas, nested names in brackets: `accounts[transactions],connector`. The result is in `expanded`. */
  readonly expand?: string | undefined;
}

/** Which part of a list to return, and what to return beside each entry. */
export interface ListOptions extends ExpandOptions {
  /** At most 1000. */
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}
