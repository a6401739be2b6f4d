import type { AuthError } from '../../errors.ts';
import type { ProviderRuntime } from '../../provider-runtime.ts';
import type { Store } from '../../store.ts';
import type { AccountRecords } from '../account-record.ts';
import type { EngineContext } from '../context.ts';
import type { Renew } from '../renewal.ts';
import { Entries } from './entries.ts';
import { inTurn } from './in-turn.ts';
import { Names, saltFormat } from './names.ts';
import { storeIsDown } from './store-outage.ts';
import { storeWithDeadline } from './store-with-deadline.ts';
import { StoredRecords } from './stored-account.ts';
import { journalled } from './stored-journal.ts';
import { type StoredSubjects, storedSubjects, subjectFormat } from './stored-subject.ts';

/** What processes that share a store do together. The engine loads this file only if it is given a store. */
export interface Coordination {
  /** Asks in one process at a time. While the store is down, each process asks `alone`, unless the refresh token is single-use. */
  readonly inTurn: (asked: Renew, alone: Renew) => Renew;
  readonly subjects: StoredSubjects;
  readonly account: AccountRecords;
  /** Names a subject in events and status. Never rejects. */
  readonly nameOf: EngineContext['nameOf'];
}

/** What is shared, and what happens when it cannot be reached. */
export interface CoordinationOptions {
  readonly store: Store;
  readonly accountKey: string;
  /** Where the salt of names is. */
  readonly namesKey: string;
  /** The key of a subject. */
  readonly keyOf: (id: string) => Promise<string>;
  readonly whenStoreIsDown: NonNullable<ProviderRuntime['whenStoreIsDown']>;
}

/** Opens a store for one engine. */
export const openCoordination = (context: EngineContext, options: CoordinationOptions): Coordination => {
  const { clock } = context.timing;
  const { accountKey, namesKey, keyOf, whenStoreIsDown } = options;
  const down = (cause?: unknown): AuthError => storeIsDown(context, cause);
  const store = storeWithDeadline(options.store, clock, down);
  const entries = new Entries(store, subjectFormat, context);
  // For writes that must not be lost: tried even if another operation has just hung.
  const patient = new Entries(storeWithDeadline(options.store, clock, down, 0), subjectFormat, context);
  const shared = { clock, owners: { engine: crypto.randomUUID(), alive: new Set<string>() } };
  const place = { ...shared, keyOf, entries: context.isSingleUse ? patient : entries };
  const names = new Names(context, new Entries(store, saltFormat, context), { salt: namesKey, keyOf });
  return {
    inTurn: (asked, alone) => inTurn(context, place, journalled(context, asked), alone),
    subjects: storedSubjects(context, { entries, patient, keyOf }),
    account: new StoredRecords(context, { ...shared, store, key: accountKey, whenStoreIsDown }),
    nameOf: (id) => names.of(id),
  };
};
