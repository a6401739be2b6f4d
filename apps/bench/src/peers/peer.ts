import type { Vendor } from '../vendor.ts';

/** Why a peer has no figure in a column. */
export interface Cannot {
  readonly cannot: string;
}

export type Column<T> = T | Cannot;

/** What a table shows of a peer, each set up as its documentation says. */
export interface Peer {
  /** As the tables call it. */
  readonly name: string;
  readonly isOurs?: true;
  /** The package whose version is shown. */
  readonly package?: string;
  /** A function that reads the token, and asks for one when there is none. */
  readonly token: Column<(vendor: Vendor) => () => Promise<unknown>>;
  /** A function that sends one request to the API, repeats it as the peer does after a refusal, and answers the last status. */
  readonly call: Column<(vendor: Vendor) => () => Promise<number>>;
  /** A function that gets the token of one subject more, and keeps it. */
  readonly subjects: Column<Subjects>;
  /** What a product imports. */
  readonly imported: Column<string>;
  /** What a product typically imports, by name. */
  readonly typicalUse: Use;
}

export interface Use {
  readonly names: string;
  readonly from: string;
}

export interface Subjects {
  /** Fewer than the others, where they would take minutes. */
  readonly most?: number;
  readonly keep: (vendor: Vendor) => (id: string) => Promise<unknown>;
}

export const cannot = (reason: string): Cannot => ({ cannot: reason });

export const can = <T>(column: Column<T>): column is T => !(typeof column === 'object' && column !== null && 'cannot' in column);
