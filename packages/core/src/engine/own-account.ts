import { type AccountRecord, type AccountRecords, NOTHING_KNOWN, type RecordChange, resetting } from './account-record.ts';
import type { OpenAccount } from './attempt.ts';

/** The record of one process, which lives as long as the process. */
export const ownRecords = (): AccountRecords => {
  let record = NOTHING_KNOWN;
  const change = async (next: RecordChange): Promise<AccountRecord> => {
    record = next(record);
    return record;
  };
  return {
    isStrict: false,
    read: async () => record,
    known: () => record,
    change,
    reset: async () => {
      record = resetting(record);
    },
    // The guard lets one attempt go at a time, so there is nothing to wait for.
    begin: async ({ beginning }) => {
      await change(beginning);
      return { claim: undefined };
    },
  };
};

/** The account of an engine without a store. */
export const openOwnAccount = (): OpenAccount => {
  const account = ownRecords();
  return async () => ({ account });
};
