import { type CallOptions, type Clock, sleep } from '@auth/core';
import { fail } from './errors.ts';

/** What this process knows about the request that makes the pending secret current. */
export interface LostRequest {
  /** A change to this secret begins. Nothing has been sent yet. */
  readonly begin: (pending: string) => void;
  /** The request was sent, and no clear answer came: it may still arrive. */
  readonly unanswered: (pending: string) => void;
  /** The vault no longer holds the pending secret. */
  readonly end: () => void;
  /**
   * Waits until the request can no longer reach the vendor: until 60 s after this process lost its answer, or 60 s from now if another
   * process sent it. Resolves to whether it waited. Rejects with `aborted`.
   */
  readonly waitUntilGone: (pending: string, options: CallOptions & { readonly operation: string }) => Promise<boolean>;
}

/** How long a lost request may still arrive, in milliseconds: longer than clients, proxies and gateways hold one. */
const LATEST = 60_000;

/** A request whose answer was lost may still arrive. Giving up its secret before that could give up the only secret that works. */
export const createLostRequest = (clock: Clock): LostRequest => {
  let known: { readonly pending: string; readonly until: number } | undefined;
  return {
    begin: (pending) => {
      known = { pending, until: Number.NEGATIVE_INFINITY };
    },
    unanswered: (pending) => {
      known = { pending, until: clock.monotonic() + LATEST };
    },
    end: () => {
      known = undefined;
    },
    waitUntilGone: async (pending, { signal, operation }) => {
      const left = known?.pending === pending ? known.until - clock.monotonic() : LATEST;
      if (left <= 0) return false;
      // A job that has nothing else to do must not exit during the wait.
      await sleep(clock, left, { signal, ref: true }).catch(() => {
        const message = 'The caller aborted the wait. Nothing was sent, and the vault holds both secrets. Call secret.recover again.';
        throw fail('aborted', operation, message);
      });
      return true;
    },
  };
};
