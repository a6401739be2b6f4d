import type { AuthErrorCode } from '../errors.ts';
import { AuthError } from '../errors.ts';

/** Definite refusals after which no more secrets are sent. Finicity locks the account at five. */
export const REFUSAL_BUDGET = 3;

/** Only a vendor's word about the credentials counts; networks, 5xx and 429 never do. */
const DEFINITE: ReadonlySet<AuthErrorCode> = new Set(['invalid_credentials', 'locked']);

/** Whether the vendor refused these very credentials. */
export const isDefiniteRefusal = (error: unknown): error is AuthError => AuthError.is(error) && DEFINITE.has(error.code);

/** Whether only new credentials or a reset of the guard can help. */
export const isRefused = (error: AuthError): boolean => DEFINITE.has(error.code) || error.code === 'attempts_exhausted';

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

/** Where the record of an account is: in this process, or in a store for all processes. */
export interface AccountRecords {
  readonly read: () => Promise<AccountRecord>;
  /** Resolves to the changed record. */
  readonly change: (change: RecordChange) => Promise<AccountRecord>;
  /** Forgets all refusals. Rejects with `store_unavailable` while the store is down, because they would come back with it. */
  readonly clear: () => Promise<void>;
  /**
   * Waits until this process is the one that may try credentials. Resolves to `undefined` if `isAccepted` holds of the record meanwhile, or
   * rejects with what it throws.
   */
  readonly claim: (signal: AbortSignal, isAccepted: (record: AccountRecord) => boolean) => Promise<AccountClaim | undefined>;
}

/** The right to try credentials, until it is released. */
export interface AccountClaim {
  /** Changes the record, and gives the claim back. */
  readonly change: AccountRecords['change'];
  readonly release: () => Promise<void>;
}

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

/** The record of one process, which lives as long as the process. */
export const ownRecords = (): AccountRecords => {
  let record = NOTHING_KNOWN;
  const change: AccountRecords['change'] = async (next) => {
    record = next(record);
    return record;
  };
  return {
    read: async () => record,
    change,
    clear: async () => {
      record = withoutRefusals(record);
    },
    // One attempt at a time is all that the guard lets go anyway.
    claim: async () => ({ change, release: async () => {} }),
  };
};
