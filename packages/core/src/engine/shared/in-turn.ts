import type { EngineContext } from '../context.ts';
import type { Obtained, Renew } from '../renewal.ts';
import type { Claim, Place } from './claim.ts';
import { pollDelay } from './entries.ts';
import { isDown, servedWithoutStore } from './store-outage.ts';
import { type ClaimedRenew, holdUnsent, takenOver } from './stored-journal.ts';
import type { StoredSubject } from './stored-subject.ts';
import { takeOver } from './take-over.ts';
import { type Turn, takeTurn } from './turn.ts';

/** How long a process waits, in milliseconds. Longer than the source may take, because the one it waits for may die and be replaced. */
const PATIENCE = 45_000;

/** Where subjects are, and who in this process works on them. */
export interface SubjectPlace extends Omit<Place<StoredSubject>, 'key'> {
  readonly keyOf: (id: string) => Promise<string>;
}

/** One process asks for all that share the store; the others take over its result, even if it is a failure. */
export const inTurn =
  (context: EngineContext, place: SubjectPlace, next: ClaimedRenew, alone: Renew): Renew =>
  async (renewal) => {
    const { id, subject, flight } = renewal;
    const { timing, isSingleUse } = context;
    /** What was to be written with the lease, if it has a mark of ours or a refresh token of ours. */
    let tried: StoredSubject | undefined;
    const turn: Turn<StoredSubject, Obtained> = {
      settled: async (record) => {
        flight.moves();
        return takeOver(context, id, subject, record);
      },
      taken: (there, _, owner) => {
        // A mark of ours, written by a try whose answer was lost: nothing was sent after it.
        if (tried && there.sent !== null && there.sent === tried.sent) holdUnsent(subject, tried);
        const taken = takenOver(there, subject, isSingleUse && !subject.isForgotten() ? owner : null);
        tried = taken === there ? undefined : taken;
        return taken;
      },
      insist: isSingleUse,
      onChange: (change) => {
        if (change !== 'waited') subject.activityOrNew().holdsLease = change === 'held';
        if (change !== 'held' && !subject.isForgotten()) context.report(id, { type: `lease_${change}` });
      },
    };
    // In the background nobody is in a hurry: the result of another process will be there in a few seconds.
    const delay = (): number => (flight.isAwaited() ? pollDelay(timing) : 1_000 + 4_000 * timing.random());
    let outcome: Claim<StoredSubject> | { readonly result: Obtained };
    try {
      const here = { ...place, key: await place.keyOf(id) };
      outcome = await takeTurn(context, here, turn, { signal: flight.signal, delay, patience: PATIENCE });
    } catch (error) {
      if (!isDown(error)) throw error;
      if (isSingleUse && tried) holdUnsent(subject, tried);
      if (isSingleUse) throw error;
      servedWithoutStore(context, id, error);
      return alone(renewal);
    }
    if ('result' in outcome) return outcome.result;
    try {
      return await next(renewal, outcome);
    } finally {
      subject.activityOrNew().holdsLease = false;
    }
  };
