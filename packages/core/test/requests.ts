import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { onTestFinished, vi } from 'vitest';
import type { Clock } from '../src/index.ts';
import type { FakeClock } from '../src/testing/index.ts';
import { steppingClock } from './stepping-clock.ts';

/**
 * The requests of a worker, as workerd has them: timers and answers belong to the request that caused them, and once it has ended neither
 * comes any more, without a word. An `AbortController` of one request throws in another.
 */
export interface Requests {
  /** Goes on, whichever requests have ended. */
  readonly time: FakeClock;
  /** The clock for the code under test. */
  readonly clock: Clock;
  /** An answer from outside, such as that of a `fetch`. */
  readonly answer: <T>(outcome: Promise<T>) => Promise<T>;
  /** An answer that takes so many milliseconds. */
  readonly after: <T>(milliseconds: number, value: T) => Promise<T>;
  /** Handles a request. It ends with its answer, unless `waitUntil` knows of work that goes on. */
  readonly handle: <T>(work: () => Promise<T>) => Promise<T>;
  /** Ends it at once, as when the client has gone. */
  readonly begin: (work: () => Promise<unknown>) => { readonly end: () => void };
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** How many timers of living requests are there. */
  readonly timers: () => number;
}

interface Request {
  hasEnded: boolean;
  readonly background: Promise<unknown>[];
}

/** Milliseconds that a hash takes: long enough for a request to end meanwhile. */
const HASHING = 1;

/** A worker, for one test. */
export const openRequests = (now: number): Requests => {
  const time = steppingClock(now);
  const running = new AsyncLocalStorage<Request>();
  const timers = new Map<object, Request | undefined>();

  const after: Clock['after'] = (milliseconds, run, how) => {
    const request = running.getStore();
    const timer = {};
    timers.set(timer, request);
    const cancel = time.after(
      milliseconds,
      () => {
        timers.delete(timer);
        if (request === undefined) run();
        else if (!request.hasEnded) running.run(request, run);
      },
      how,
    );
    return () => {
      timers.delete(timer);
      cancel();
    };
  };
  const answer = <T>(outcome: Promise<T>): Promise<T> => {
    const request = running.getStore();
    return new Promise((resolve, reject) => {
      const unlessEnded =
        <A>(settle: (value: A) => void) =>
        (value: A): void => {
          if (!request?.hasEnded) settle(value);
        };
      outcome.then(unlessEnded(resolve), unlessEnded(reject));
    });
  };
  const start = <T>(work: () => Promise<T>) => {
    const request: Request = { hasEnded: false, background: [] };
    const outcome = running.run(request, work);
    const end = (): void => {
      request.hasEnded = true;
    };
    return { request, outcome, end };
  };

  const later = <T>(milliseconds: number, value: T): Promise<T> =>
    answer(new Promise((resolve) => void time.after(milliseconds, () => resolve(value))));

  const spied = vi.spyOn(crypto.subtle, 'digest').mockImplementation((_, data) => {
    const hash = createHash('sha256').update(Buffer.from(data as Uint8Array<ArrayBuffer>)); // the engine hashes nothing else
    return later(HASHING, Uint8Array.from(hash.digest()).buffer);
  });
  const isOther = (request: Request | undefined): boolean => request !== undefined && running.getStore() !== request;
  class OwnController extends AbortController {
    readonly #request = running.getStore();
    constructor() {
      super();
      const { signal } = this;
      const request = this.#request;
      Object.defineProperty(signal, 'aborted', {
        get: () => {
          if (isOther(request)) throw new Error('Cannot perform I/O on behalf of a different request.');
          return Reflect.get(AbortSignal.prototype, 'aborted', signal);
        },
      });
    }
    override abort(reason?: unknown): void {
      if (isOther(this.#request)) throw new Error('Cannot perform I/O on behalf of a different request.');
      super.abort(reason);
    }
  }
  vi.stubGlobal('AbortController', OwnController);
  onTestFinished(() => {
    spied.mockRestore();
    vi.unstubAllGlobals();
  });

  return {
    time,
    clock: { now: time.now, monotonic: time.monotonic, after },
    answer,
    after: later,
    handle: async (work) => {
      const { request, outcome, end } = start(work);
      try {
        return await outcome;
      } finally {
        void Promise.allSettled(request.background).then(end);
      }
    },
    begin: (work) => {
      const { outcome, end } = start(work);
      outcome.catch(() => {});
      return { end };
    },
    waitUntil: (work) => {
      running.getStore()?.background.push(work);
    },
    timers: () => [...timers.values()].filter((request) => !request?.hasEnded).length,
  };
};
