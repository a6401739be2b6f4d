import type { Store } from '../../store.ts';
import {
  type AccountRecord,
  type AccountRecords,
  NOTHING_KNOWN,
  type RecordChange,
  type Refusal,
  withoutRefusals,
  withRefusal,
} from '../account-record.ts';
import type { EngineContext } from '../context.ts';
import type { EngineErrors } from '../engine-errors.ts';
import { Claim, type Place } from './claim.ts';
import { Entries, pollDelay, type RecordFormat } from './entries.ts';
import { isDown } from './store-outage.ts';
import { takeTurn } from './turn.ts';

/** How accounts are written. */
const accountFormat = (known: () => AccountRecord): RecordFormat<AccountRecord> => ({
  // If the store lost the record, ours is the better one.
  absent: known,
  // For ever, also without refusals, which tells the others of a reset; but a process that knows nothing says nothing.
  life: ({ record }) => (record === NOTHING_KNOWN ? 0 : Number.POSITIVE_INFINITY),
  encode: (record) => (record === NOTHING_KNOWN ? [] : encodeRecord(record)),
  decode: (parts) => {
    if (parts.length === 0) return known();
    const [accepted, refusals] = parts;
    return {
      accepted: typeof accepted === 'string' ? accepted : null,
      refusals: Array.isArray(refusals) ? refusals.flatMap(decodeRefusal) : [],
    };
  },
});

const encodeRecord = ({ accepted, refusals }: AccountRecord): readonly unknown[] => [
  accepted,
  refusals.map(({ fingerprint, code, message, status, vendorCode }) => [fingerprint, code, message, status ?? null, vendorCode ?? null]),
];

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

/** Where the record of an account is, and what happens when it cannot be reached. */
export interface SharedAccount extends Omit<Place<AccountRecord>, 'entries'> {
  readonly store: Store;
  readonly whenStoreIsDown: 'serve' | 'refuse';
}

/** The record of an account in a store. While the store is down, each process makes do with what it knows. */
export class StoredRecords implements AccountRecords {
  readonly #context: EngineContext;
  readonly #place: Place<AccountRecord>;
  readonly #whenStoreIsDown: 'serve' | 'refuse';
  #known: AccountRecord = NOTHING_KNOWN;
  /** Refusals that are not in the store yet, because it was down. */
  #unsaved: readonly Refusal[] = [];

  constructor(context: EngineContext, { store, whenStoreIsDown, ...place }: SharedAccount) {
    this.#context = context;
    this.#place = {
      ...place,
      entries: new Entries(
        store,
        accountFormat(() => this.#known),
        context,
      ),
    };
    this.#whenStoreIsDown = whenStoreIsDown;
  }

  async read(): Promise<AccountRecord> {
    const { entries, key } = this.#place;
    try {
      const unsaved = this.#unsaved;
      if (unsaved.length > 0) await entries.change(key, (record) => this.#withUnsaved(record));
      this.#unsaved = this.#unsaved.filter((refusal) => !unsaved.includes(refusal));
      this.#known = (await entries.read(key)).record;
    } catch (error) {
      if (!isDown(error)) throw error;
    }
    return this.#known;
  }

  /** Changes what this process knows at once, and then the store. The store's record counts as soon as it is there. */
  async change(change: RecordChange, claim?: Claim<AccountRecord>): Promise<AccountRecord> {
    const { entries, key } = this.#place;
    const before = this.#known;
    this.#known = change(before);
    try {
      // If the lease is lost, the outcome is written all the same.
      this.#known = claim && (await claim.write(change, { last: true })) ? claim.ours : await entries.change(key, change);
    } catch (error) {
      if (!isDown(error)) throw error;
      // Only what is new: a reset may have removed the rest meanwhile.
      this.#unsaved = [...this.#unsaved, ...change(before).refusals.filter((refusal) => !before.refusals.includes(refusal))];
    }
    return this.#known;
  }

  async clear(): Promise<void> {
    this.#known = withoutRefusals(this.#known);
    this.#unsaved = [];
    await this.#place.entries.change(this.#place.key, withoutRefusals);
  }

  async claim(signal: AbortSignal, isAccepted: (record: AccountRecord) => boolean): Promise<Claim<AccountRecord> | undefined> {
    const settled = async (record: AccountRecord): Promise<true | undefined> => {
      this.#known = this.#withUnsaved(record);
      return isAccepted(this.#known) || undefined;
    };
    const context = this.#context;
    try {
      const turn = { settled, taken: (there: AccountRecord) => there };
      const outcome = await takeTurn(context, this.#place, turn, { signal, delay: () => pollDelay(context.timing) });
      return outcome instanceof Claim ? outcome : undefined;
    } catch (error) {
      if (!isDown(error)) throw error;
      if (this.#whenStoreIsDown === 'refuse') throw unproven(context.errors);
      return undefined;
    }
  }

  async release(claim: Claim<AccountRecord> | undefined): Promise<void> {
    await claim?.write(undefined, { last: true }).catch(() => {});
  }

  #withUnsaved(record: AccountRecord): AccountRecord {
    return this.#unsaved.reduce((sum, refusal) => withRefusal(refusal)(sum), record);
  }
}

const unproven = ({ make }: EngineErrors): Error =>
  make(
    'store_unavailable',
    'The store that remembers refused secrets is down, so this secret, not yet accepted, was not sent. Check the store.',
  );
