import type { Token } from '../../authority.ts';
import { AuthError } from '../../errors.ts';
import type { ProviderRuntime } from '../../provider-runtime.ts';
import type { Store } from '../../store.ts';
import type { AccountRecords } from '../account-record.ts';
import type { EngineContext } from '../context.ts';
import type { Obtained, Renew } from '../renewal.ts';
import type { Subject } from '../subject.ts';
import type { Claim, Place } from './claim.ts';
import { Entries, pollDelay } from './entries.ts';
import { isDown } from './retry-while-down.ts';
import { storeWithDeadline } from './store-with-deadline.ts';
import { StoredRecords } from './stored-account.ts';
import { type ClaimedRenew, holdUnsent, journalled, takenOver } from './stored-journal.ts';
import { type StoredSubject, subjectFormat } from './stored-subject.ts';
import { takeOver } from './take-over.ts';
import { type Turn, takeTurn } from './turn.ts';

/** What processes that share a store do together. The engine loads this file only if it is given a store. */
export interface Coordination {
  /** Asks in one process at a time. While the store is down, each process asks `alone`, unless the refresh token is single-use. */
  readonly inTurn: (asked: Renew, alone: Renew) => Renew;
  readonly subjects: StoredSubjects;
  readonly account: AccountRecords;
}

/** The subjects in the store. Unless stated otherwise, functions reject with `store_unavailable` while the store is down. */
export interface StoredSubjects {
  /** Takes over the stored token if it is of use. */
  readonly takeOver: (id: string, subject: Subject) => Promise<void>;
  readonly adopt: (id: string, token: Token, refreshToken: string | null) => Promise<void>;
  /** Resolves to whether the token was there. A refresh token beside it stays. While the store is down, resolves to `false`. */
  readonly removeToken: (id: string, rejected: Token) => Promise<boolean>;
  readonly remove: (id: string) => Promise<void>;
}

/** What is shared. */
export interface CoordinationOptions {
  readonly store: Store;
  readonly accountKey: string;
  readonly isSingleUse: boolean;
  readonly whenStoreIsDown: NonNullable<ProviderRuntime['whenStoreIsDown']>;
}

/** Opens a store for one engine. */
export const openCoordination = (context: EngineContext, options: CoordinationOptions): Coordination => {
  const { clock } = context.timing;
  const { isSingleUse, accountKey, whenStoreIsDown } = options;
  const down = (cause?: unknown): AuthError => storeIsDown(context, cause);
  const store = storeWithDeadline(options.store, clock, down);
  const subjects = new Entries(store, subjectFormat, context);
  // For writes that must not be lost: tried even if another operation has just hung.
  const patient = new Entries(storeWithDeadline(options.store, clock, down, 0), subjectFormat, context);
  const shared = { clock, owners: { engine: crypto.randomUUID(), alive: new Set<string>() } };
  const place = { ...shared, entries: isSingleUse ? patient : subjects };

  return {
    inTurn: (asked, alone) => inTurn(context, place, isSingleUse, journalled(context, isSingleUse)(asked), alone),
    subjects: {
      takeOver: async (id, subject) => {
        const { record } = await subjects.read(await context.keyOf(id));
        await takeOver(context, id, subject, record.token);
      },
      adopt: async (id, token, refreshToken) => {
        await patient.change(await context.keyOf(id), () => ({ token, refreshToken, sent: null }));
      },
      removeToken: (id, rejected) => removeToken(context, subjects, id, rejected),
      remove: async (id) => subjects.remove(await context.keyOf(id)),
    },
    account: new StoredRecords(context, { ...shared, store, key: accountKey, whenStoreIsDown }),
  };
};

/** One process asks for all that share the store; the others take over its result, even if it is a failure. */
const inTurn =
  (context: EngineContext, place: Omit<Place<StoredSubject>, 'key'>, isSingleUse: boolean, claimed: ClaimedRenew, alone: Renew): Renew =>
  async (renewal) => {
    const { id, subject, flight } = renewal;
    let tried: StoredSubject | undefined;
    const turn: Turn<StoredSubject, Obtained> = {
      settled: ({ token }) => takeOver(context, id, subject, token),
      taken: (there, _, owner) => {
        const taken = takenOver(there, subject, isSingleUse ? owner : null);
        tried = taken === there ? undefined : taken;
        return taken;
      },
      insist: isSingleUse,
      onChange: (change) => {
        if (change !== 'waited') subject.active().holdsLease = change === 'held';
        if (change !== 'held' && !subject.isForgotten()) void context.report(id, { type: `lease_${change}` });
      },
    };
    // In the background nobody is in a hurry: the result of another process will be there in a few seconds.
    const delay = (): number => (flight.isAwaited() ? pollDelay(context) : 1_000 + 4_000 * context.random());
    let outcome: Claim<StoredSubject> | { readonly result: Obtained };
    try {
      const here = { ...place, key: await context.keyOf(id) };
      outcome = await takeTurn(context, here, turn, { signal: flight.signal, delay });
    } catch (error) {
      if (!isDown(error)) throw error;
      if (isSingleUse && tried) holdUnsent(subject, tried);
      if (isSingleUse) throw error;
      await servedWithoutStore(context, id, error);
      return alone(renewal);
    }
    if ('result' in outcome) return outcome.result;
    try {
      return await claimed(renewal, outcome);
    } finally {
      subject.active().holdsLease = false;
    }
  };

/** An outage of the store is not an outage of ours, but worth an event. */
const servedWithoutStore = ({ report }: EngineContext, id: string, { code, vendorCode }: AuthError): Promise<void> =>
  report(id, { type: 'served_without_store', code, vendorCode });

const removeToken = async (context: EngineContext, entries: Entries<StoredSubject>, id: string, rejected: Token): Promise<boolean> => {
  let wasThere = false;
  try {
    await entries.change(await context.keyOf(id), (there) => {
      wasThere = there.token?.value === rejected.value;
      return wasThere ? { ...there, token: null } : undefined;
    });
  } catch (error) {
    if (!isDown(error)) throw error;
    await servedWithoutStore(context, id, error);
    return false;
  }
  return wasThere;
};

/** Messages of our own stores hold no secret; messages of other stores may. */
const storeIsDown = ({ errors }: EngineContext, cause: unknown): AuthError =>
  AuthError.is(cause, 'store_unavailable')
    ? new AuthError(cause.message, { ...cause, provider: errors.provider, operation: errors.operation })
    : errors.make(
        'store_unavailable',
        `The token store ${cause instanceof Error ? `failed with ${cause.name}` : 'hangs'}. Check that it is up.`,
      );
