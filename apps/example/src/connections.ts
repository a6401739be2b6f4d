/** A bank that a user connected. */
export interface Connection {
  /** What `connect.start` takes to repair it. */
  readonly id: string;
  readonly bank: string;
  /** In the vendor's words; `null` where all is well. */
  readonly problem: string | null;
  readonly accounts: readonly Account[];
}

/** One account of a connection. */
export interface Account {
  readonly name: string;
  readonly type: string;
  readonly currency: string;
}
