import type { AuthError } from '../../errors.ts';
import type { Store } from '../../store.ts';
import {
  type AccountRecord,
  type AccountRecords,
  type Beginning,
  type FirstUse,
  NOTHING_KNOWN,
  type RecordChange,
  remembering,
  resetting,
} from '../account-record.ts';
import type { EngineContext } from '../context.ts';
import type { EngineErrors } from '../engine-errors.ts';
import { Claim, type Place } from './claim.ts';
import { Entries, pollDelay, type RecordFormat } from './entries.ts';
import { isDown } from './store-outage.ts';
import { takeTurn } from './turn.ts';

/** How long to wait for another process's first use of credentials, in milliseconds: as long as one question takes. */
const PATIENCE = 30_000;

/** How accounts are written. */
const accountFormat = (known: () => AccountRecord): RecordFormat<AccountRecord> => ({
  // If the store lost the record, ours is the better one. An attempt of others may have ended since, because that can leave nothing behind.
  absent: () => ({ ...known(), begun: [] }),
  // For ever; but a process that knows nothing says nothing.
  life: ({ record }) => (isNothing(record) ? 0 : Number.POSITIVE_INFINITY),
  encode: (record) => [record],
  decode: ([record]) => (isAccountRecord(record) ? record : undefined),
});

const isNothing = ({ accepted, closed, paused, begun, notBefore, resets }: AccountRecord): boolean =>
  resets === 0 && notBefore === null && [accepted, closed, paused, begun].every(({ length }) => length === 0);

/** What another edition or another hand has written is not taken for a record. */
const isAccountRecord = (value: unknown): value is AccountRecord =>
  isObject(value) &&
  isListOf(value['accepted'], (row) => isText(row['fingerprint']) && isNumber(row['at'])) &&
  isListOf(value['closed'], (row) => isRefusal(row['refusal']) && isNumber(row['counts'])) &&
  isListOf(
    value['paused'],
    (row) =>
      isRefusal(row['refusal']) && isStamp(row['until']) && ['probes', 'most', 'counts', 'acceptedAt'].every((name) => isNumber(row[name])),
  ) &&
  isListOf(value['begun'], (row) => isText(row['id']) && isStamp(row['until'])) &&
  (value['notBefore'] === null || isStamp(value['notBefore'])) &&
  isNumber(value['resets']);

type Parts = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Parts => typeof value === 'object' && value !== null;
const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';
const isListOf = (value: unknown, isRow: (row: Parts) => boolean): boolean =>
  Array.isArray(value) && value.every((row) => isObject(row) && isRow(row));
const isRefusal = (value: unknown): boolean =>
  isObject(value) && isText(value['fingerprint']) && isText(value['message']) && isText(value['code']);
const isStamp = (value: unknown): boolean => isObject(value) && isNumber(value['at']) && isNumber(value['span']);

/** How an account is shared. */
export interface SharedAccount extends Omit<Place<AccountRecord>, 'entries'> {
  readonly store: Store;
  readonly whenStoreIsDown: 'serve' | 'refuse';
}

/** The record of an account in a store. While the store is down, each process makes do with what it knows. */
export class StoredRecords implements AccountRecords {
  readonly #context: EngineContext;
  readonly #place: Place<AccountRecord>;
  readonly isStrict: boolean;
  #known: AccountRecord = NOTHING_KNOWN;
  /** Changes that are not in the store yet, because it did not take them. */
  #unsaved: readonly RecordChange[] = [];

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
    this.isStrict = whenStoreIsDown === 'refuse';
  }

  async read(): Promise<AccountRecord> {
    const { entries, key } = this.#place;
    try {
      const unsaved = this.#unsaved;
      if (unsaved.length > 0) await entries.change(key, (record) => withChanges(this.#complete(record), unsaved));
      this.#unsaved = this.#unsaved.filter((change) => !unsaved.includes(change));
      this.#known = this.#complete((await entries.read(key)).record);
    } catch (error) {
      if (!isDown(error)) throw error;
    }
    return this.#known;
  }

  known(): AccountRecord {
    return this.#known;
  }

  /** Changes the store's record; while the store is down, what this process knows, and the store later. */
  async change(change: RecordChange, claim?: Claim<AccountRecord>, failure?: AuthError): Promise<AccountRecord> {
    const { entries, key } = this.#place;
    const note = failure ? { id: crypto.randomUUID(), failure } : null;
    try {
      // Whoever has lost the lease writes without it.
      const completed: RecordChange = (record) => change(this.#complete(record));
      this.#known = claim && (await claim.write(completed, { last: true, note })) ? claim.ours : await entries.change(key, completed);
    } catch (error) {
      // Whatever is wrong with the store: a refusal that it did not take must not be forgotten.
      this.#known = change(this.#known);
      this.#unsaved = [...this.#unsaved, change].slice(-MOST_UNSAVED);
      if (!isDown(error)) throw error;
    }
    return this.#known;
  }

  async reset(): Promise<void> {
    this.#known = resetting(this.#known);
    this.#unsaved = [];
    await this.#place.entries.change(this.#place.key, resetting);
  }

  async begin({ signal, isAccepted, beginning }: FirstUse): Promise<Beginning | undefined> {
    const context = this.#context;
    const settled = async (record: AccountRecord): Promise<true | undefined> => {
      this.#known = withChanges(this.#complete(record), this.#unsaved);
      return isAccepted(this.#known) || undefined;
    };
    try {
      const turn = { settled, taken: (record: AccountRecord) => beginning(this.#complete(record)) };
      const waiting = { signal, delay: () => pollDelay(context.timing), patience: PATIENCE };
      const outcome = await takeTurn(context, this.#place, turn, waiting);
      if (!(outcome instanceof Claim)) return undefined;
      this.#known = outcome.ours;
      return { claim: outcome };
    } catch (error) {
      if (!isDown(error)) throw error;
      if (this.isStrict) throw unproven(context.errors);
      this.#known = beginning(this.#known);
      return { claim: undefined };
    }
  }

  /** A store may lose what it should keep; what this process knows is not lost with it. */
  #complete(record: AccountRecord): AccountRecord {
    return remembering(this.#known)(record);
  }
}

/** How many changes are kept for a store that is down. */
const MOST_UNSAVED = 64;

const withChanges = (record: AccountRecord, changes: readonly RecordChange[]): AccountRecord =>
  changes.reduce((sum, change) => change(sum), record);

const unproven = ({ make }: EngineErrors): Error =>
  make(
    'store_unavailable',
    'The store that remembers refused secrets is down, so this secret, not yet accepted, was not sent. Check the store.',
  );
