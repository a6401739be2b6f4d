import { AuthError, type CallOptions, type Clock, sleep } from '@auth/core';

/** What this process knows of the request for the pending secret. */
export interface LostRequest {
  /** A change to this secret begins. Nothing is on its way yet. */
  readonly begin: (pending: string) => void;
  /** The request was sent, and no clear answer came: it may still arrive. */
  readonly unanswered: (pending: string) => void;
  /** The vault no longer holds it. */
  readonly end: () => void;
  /**
   * Resolves when the request can no longer arrive, to whether that took any time. Where another process sent it, nobody knows when:
   * then it is counted from now. Rejects with `aborted`.
   */
  readonly waitUntilGone: (pending: string, options: CallOptions & { readonly operation: string }) => Promise<boolean>;
}

/** Milliseconds after which a request that was lost no longer arrives: longer than clients, proxies and gateways keep one. */
const LATEST = 60_000;

/** A request whose answer was lost may still arrive. Whoever gives its secret up before that may give up the only one that works. */
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
      // A job that has nothing else to do must not end here.
      await sleep(clock, left, { signal, ref: true }).catch(() => {
        const message = 'The caller stopped it before anything was sent. The vault holds both secrets: call it again.';
        throw new AuthError(message, { code: 'aborted', provider: 'finicity', operation });
      });
      return true;
    },
  };
};
