import type { EngineContext } from '../context.ts';
import {
  type AccountClaim,
  type AccountRecord,
  type AccountRecords,
  NOTHING_KNOWN,
  type RecordChange,
  type Refusal,
  withoutRefusals,
  withRefusal,
} from '../credential-record.ts';
import type { EngineErrors } from '../errors.ts';
import type { Claim, Place } from './claim.ts';
import { pollDelay, type RecordFormat } from './entries.ts';
import { isDown } from './retry-while-down.ts';
import { takeTurn } from './turn.ts';

/** What this process knows of an account, for when the store is down, or has lost the record. */
export interface KnownAccount {
  record: AccountRecord;
  /** Refusals that are not in the store yet, because it was down. */
  unsaved: readonly Refusal[];
}

/** An account of which this process knows nothing. */
export const unknownAccount = (): KnownAccount => ({ record: NOTHING_KNOWN, unsaved: [] });

/** How accounts are written. */
export const accountFormat = (known: KnownAccount): RecordFormat<AccountRecord> => ({
  // If the store lost the record, ours is the better one.
  absent: () => known.record,
  // For ever, also an empty one: it tells the others of a reset. While somebody tries the first credentials there is nothing to keep.
  life: ({ record, lease }) => (lease !== null && record.accepted === null && record.refusals.length === 0 ? 0 : Number.POSITIVE_INFINITY),
  encode: ({ accepted, refusals }) => [
    accepted,
    refusals.map(({ fingerprint, code, message, status, vendorCode }) => [fingerprint, code, message, status ?? null, vendorCode ?? null]),
  ],
  decode: ([accepted, refusals]) => ({
    accepted: typeof accepted === 'string' ? accepted : null,
    refusals: Array.isArray(refusals) ? refusals.flatMap(decodeRefusal) : [],
  }),
});

const decodeRefusal = (parts: unknown): readonly Refusal[] => {
  if (!Array.isArray(parts)) return [];
  const [fingerprint, code, message, status, vendorCode]: readonly unknown[] = parts;
  if (typeof fingerprint !== 'string' || typeof message !== 'string') return [];
  return [
    {
      fingerprint,
      code: code === 'locked' ? code : 'invalid_credentials',
      message,
      status: typeof status === 'number' ? status : undefined,
      vendorCode: typeof vendorCode === 'string' ? vendorCode : undefined,
    },
  ];
};

/** How an account is shared. */
export interface SharedAccount {
  readonly context: EngineContext;
  readonly known: KnownAccount;
  readonly place: () => Promise<Place<AccountRecord>>;
  readonly whenStoreIsDown: 'serve' | 'refuse';
}

/** The record of an account in a store. While the store is down, each process makes do with what it knows. */
export const storedRecords = ({ context, known, place, whenStoreIsDown }: SharedAccount): AccountRecords => {
  const withUnsaved = (record: AccountRecord): AccountRecord => known.unsaved.reduce((sum, refusal) => withRefusal(refusal)(sum), record);

  /** Changes what this process knows at once, and then the store. Its record counts as soon as there is one. */
  const changeBy = async (next: RecordChange, write: () => Promise<AccountRecord>): Promise<AccountRecord> => {
    const before = known.record;
    known.record = next(before);
    try {
      known.record = await write();
    } catch (error) {
      if (!isDown(error)) throw error;
      // Only what is new: a reset may have removed the rest meanwhile.
      known.unsaved = [...known.unsaved, ...next(before).refusals.filter((refusal) => !before.refusals.includes(refusal))];
    }
    return known.record;
  };
  const changeStored = async (next: RecordChange): Promise<AccountRecord> => {
    const { entries, key } = await place();
    return entries.change(key, next);
  };

  const claimed = (claim: Claim<AccountRecord>): AccountClaim => ({
    change: (next) =>
      // Whoever has lost the lease writes without it.
      changeBy(next, async () => ((await claim.write(next, { last: true })) ? claim.ours : changeStored(next))),
    release: async () => {
      await claim.write((there) => there, { last: true }).catch(() => {});
    },
  });

  return {
    read: async () => {
      try {
        const { unsaved } = known;
        if (unsaved.length > 0) await changeStored(withUnsaved);
        known.unsaved = known.unsaved.filter((refusal) => !unsaved.includes(refusal));
        const { entries, key } = await place();
        known.record = (await entries.read(key)).record;
      } catch (error) {
        if (!isDown(error)) throw error;
      }
      return known.record;
    },
    change: (next) => changeBy(next, () => changeStored(next)),
    clear: async () => {
      known.record = withoutRefusals(known.record);
      known.unsaved = [];
      await changeStored(withoutRefusals);
    },
    claim: async (signal, isAccepted) => {
      const settled = async (record: AccountRecord): Promise<true | undefined> => {
        known.record = withUnsaved(record);
        return isAccepted(known.record) || undefined;
      };
      try {
        const turn = { settled, taken: () => (there: AccountRecord) => there, insist: false, onChange: () => {} };
        const outcome = await takeTurn(context, await place(), turn, { signal, delay: () => pollDelay(context) });
        return 'result' in outcome ? undefined : claimed(outcome);
      } catch (error) {
        if (!isDown(error)) throw error;
        if (whenStoreIsDown === 'refuse') throw unproven(context.errors);
        return undefined;
      }
    },
  };
};

const unproven = ({ make }: EngineErrors): Error =>
  make(
    'store_unavailable',
    'The store that remembers refused secrets is down, so this secret, not yet accepted, was not sent. Check the store.',
  );
