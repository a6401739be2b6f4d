/// <reference lib="esnext.disposable" preserve="true" />

import { ownMembers } from '../own-members.ts';
import type { ManagedOptions, TokenSource } from '../token-source.ts';
import { contextOf, type EngineContext } from './context.ts';
import { gone } from './engine-errors.ts';
import { fromSource } from './from-source.ts';
import { Guard, guarded } from './guard.ts';
import { type Handle, handleOf } from './handle.ts';
import { digest } from './hash.ts';
import { loadOnce } from './load-once.ts';
import { journalledHere } from './own-journal.ts';
import { madeCurrent, type Renew, unlessAdopted } from './renewal.ts';
import { Serving } from './serving.ts';
import type { Coordination } from './shared/coordination.ts';
import { ofTenant, storageKey } from './storage-key.ts';
import { Subjects } from './subjects.ts';

/** All subjects that share a clock, a store, windows and an account. */
export interface Engine {
  /** Two handles with the same id share one subject and one flight. */
  readonly of: (id?: string) => Handle;
  /** For calls that use the account's credentials without asking the source. */
  readonly attempt: Guard['attempt'];
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/**
 * Manages many tokens that share a clock, a store, windows and an account.
 *
 * A caller asks a handle. If the token is not fresh, `Serving` decides whether the caller gets it all the same, waits for a flight, or gets
 * the last failure. A flight calls the engine's one verb, `Renew`. The verb is made of layers, the outermost first:
 *
 *     madeCurrent      makes the new token the current one
 *     inTurn           lets one process ask, and gives its result to the others    only with a store
 *     journalled       writes down the new token and the refresh token             without a store, or while it is down: journalledHere
 *     unlessAdopted    drops the answer if a token was adopted meanwhile
 *     guarded          stops credentials that were refused
 *     fromSource       calls the source, with a deadline
 */
export const createEngine = (sourceOf: (id: string) => TokenSource, given: ManagedOptions): Engine => {
  const options = ownMembers(given);
  // Known to nobody. Without a store, it names this engine's subjects in events and status.
  const own = crypto.randomUUID();
  const nameOf = async (id: string): Promise<string> => (await shared?.())?.nameOf(id) ?? digest(JSON.stringify([own, id]));
  const context = contextOf(options, nameOf);
  // Without a key no other engine shares this state.
  const scope = options.key ?? own;
  const shared = openStore(context, options, scope);
  const guard = new Guard(context, shared, options.fingerprint);

  const asked = unlessAdopted(guarded(guard)(fromSource(context, sourceOf)));
  const alone = context.isSingleUse ? needsStore(context) : journalledHere(context)(asked);
  const renew = madeCurrent(context)(shared ? async (renewal) => (await shared()).inTurn(asked, alone)(renewal) : alone);

  const subjects = new Subjects(context.timing);
  const serving = new Serving(context, { renew, serveExpired: options.serveExpired, background: backgroundOf(options.waitUntil) });
  return {
    of: (id = '') => handleOf({ context, subjects, serving, guard, shared }, id),
    attempt: (attempt) => guard.attempt(attempt),
    [Symbol.asyncDispose]: async () => {
      const flights = subjects.close();
      for (const flight of flights) flight.cancel(gone(context.errors));
      // Once the work has settled, the leases are released.
      await Promise.all(flights.map((flight) => flight.ended()));
    },
  };
};

/** Loads what processes do together, if there is a store. Each call resolves to the same. */
const openStore = (context: EngineContext, options: ManagedOptions, scope: string): (() => Promise<Coordination>) | undefined => {
  const { store, account = scope, tenant, whenStoreIsDown = 'serve' } = options;
  if (store === undefined) return undefined;
  const keyOf = (kind: string, ...parts: readonly string[]): Promise<string> => storageKey(kind, ...parts, ...ofTenant(tenant));
  const load = async (): Promise<Coordination> => {
    const [{ openCoordination }, accountKey, namesKey] = await Promise.all([
      import('./shared/coordination.ts'),
      keyOf('account', account),
      keyOf('names', account),
    ]);
    return openCoordination(context, { store, accountKey, namesKey, keyOf: (id) => keyOf('token', scope, id), whenStoreIsDown });
  };
  return loadOnce(context.timing.clock, load, () => context.errors.make('timeout', 'The code for a store did not load. Try again.'));
};

/** Tells `waitUntil` of work, and of nothing else: neither how the work ends, nor what is wrong with `waitUntil` itself, is its business. */
const backgroundOf =
  (waitUntil: ManagedOptions['waitUntil']) =>
  (work: Promise<unknown>): void => {
    const ended = work.then(
      () => {},
      () => {},
    );
    try {
      const outcome: unknown = waitUntil?.(ended);
      Promise.resolve(outcome).catch(() => {});
    } catch {} // outside of a request there is nothing to keep alive
  };

/** Without a store nobody can say whether a single-use refresh token was sent. */
const needsStore =
  ({ errors }: EngineContext): Renew =>
  async () => {
    throw errors.make('store_unavailable', 'A single-use refresh token needs a `store`.');
  };
