import type { AccountRecords } from './account-record.ts';

/** See `ManagedOptions.fingerprint`. */
export type Fingerprint = () => string | Promise<string>;

/** One use of the credentials. */
export interface Attempt<T> {
  /** Whose attempt it is, for events. */
  readonly id: string;
  /** Ends the attempt: the next one need not wait for it. */
  readonly signal: AbortSignal;
  /** Told whenever a phase begins, or something was looked at that is waited for. */
  readonly moves?: (() => void) | undefined;
  /** The credentials that `run` uses, if they are not those of the source. */
  readonly fingerprint?: Fingerprint | undefined;
  /** Makes the attempt. `failedLate` is told of a failure that comes when nobody waits for it any more. */
  readonly run: (failedLate: (cause: unknown) => void) => Promise<T>;
}

/** The account of an engine, opened for each attempt, because nobody can wait for what another request began. */
export type OpenAccount = () => Promise<{ readonly account: AccountRecords }>;
