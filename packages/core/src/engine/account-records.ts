import { type AccountRecord, NOTHING_KNOWN, type RecordChange, withoutRefusals } from './credential-record.ts';
import type { Claim } from './shared/claim.ts';

/** Where the record of an account is: in this process, or in a store for all processes. */
export interface AccountRecords {
  readonly read: () => Promise<AccountRecord>;
  /** Resolves to the changed record. A claim is given back with the same write. */
  readonly change: (change: RecordChange, claim?: Claim<AccountRecord>) => Promise<AccountRecord>;
  /** Forgets all refusals. Rejects with `store_unavailable` while the store is down, because they would come back with it. */
  readonly clear: () => Promise<void>;
  /**
   * Waits until this process is the one that may try credentials. Resolves to `undefined` if `isAccepted` holds of the record meanwhile, or
   * rejects with what it throws.
   */
  readonly claim: (signal: AbortSignal, isAccepted: (record: AccountRecord) => boolean) => Promise<Claim<AccountRecord> | undefined>;
  /** Gives a claim back, if that was not done yet. */
  readonly release: (claim: Claim<AccountRecord> | undefined) => Promise<void>;
}

/** The record of one process, which lives as long as the process. Its guard lets one attempt go at a time, so nothing is to be claimed. */
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
