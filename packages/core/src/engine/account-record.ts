import type { AuthErrorCode } from '../errors.ts';
import type { Claim } from './shared/claim.ts';

/** Definite refusals after which no more secrets are sent. Finicity locks the account at five. */
export const REFUSAL_BUDGET = 3;

/** What is known about an account's credentials, by their fingerprints. */
export interface AccountRecord {
  readonly accepted: string | null;
  readonly refusals: readonly Refusal[];
}

/** The vendor's refusal of one set of credentials. */
export interface Refusal {
  readonly fingerprint: string;
  readonly code: AuthErrorCode;
  readonly message: string;
  readonly status: number | undefined;
  readonly vendorCode: string | undefined;
}

/** A change of the record. It may be made more than once, over what another process has written meanwhile. */
export type RecordChange = (record: AccountRecord) => AccountRecord;

/** The record of an account that nobody has used yet. */
export const NOTHING_KNOWN: AccountRecord = { accepted: null, refusals: [] };

/** The record after these credentials were accepted: the whole budget is there again. */
export const withAccepted =
  (fingerprint: string): RecordChange =>
  () => ({ accepted: fingerprint, refusals: [] });

/** The record with one more refusal. Refused credentials no longer count as accepted. */
export const withRefusal =
  (refusal: Refusal): RecordChange =>
  ({ accepted, refusals }) => ({
    accepted: accepted === refusal.fingerprint ? null : accepted,
    refusals: [...refusals.filter(({ fingerprint }) => fingerprint !== refusal.fingerprint), refusal],
  });

/** The record after a reset. */
export const withoutRefusals: RecordChange = ({ accepted }) => ({ accepted, refusals: [] });

/** Where the record of an account is: in this process, or in a store for all processes. */
export interface AccountRecords {
  readonly read: () => Promise<AccountRecord>;
  /** Resolves to the changed record. A claim is given back with the same write. */
  readonly change: (change: RecordChange, claim?: Claim<AccountRecord>) => Promise<AccountRecord>;
  /** Forgets all refusals. Rejects with `store_unavailable` while the store is down, because they would come back with it. */
  readonly clear: () => Promise<void>;
  /**
   * Waits until this process is the one that may try credentials. Resolves to `undefined` if `isAccepted` becomes true meanwhile;
   * rejects with what `isAccepted` throws.
   */
  readonly claim: (signal: AbortSignal, isAccepted: (record: AccountRecord) => boolean) => Promise<Claim<AccountRecord> | undefined>;
  /** Gives a claim back, unless `change` did. */
  readonly release: (claim: Claim<AccountRecord> | undefined) => Promise<void>;
}

/** The record of a process on its own. Its guard lets one attempt go at a time, so there is nothing to claim. */
export const ownRecords = (): AccountRecords => {
  let record = NOTHING_KNOWN;
  return {
    read: async () => record,
    change: async (change) => {
      record = change(record);
      return record;
    },
    clear: async () => {
      record = withoutRefusals(record);
    },
    claim: async () => undefined,
    release: async () => {},
  };
};
