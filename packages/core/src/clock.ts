/** Where the engine gets the time from. Tests use a fake one: `fakeClock` in `@auth/core/testing`. */
export interface Clock {
  /** Wall clock, epoch milliseconds. May step. */
  readonly now: () => number;
  /** Milliseconds since an arbitrary point. Never steps. */
  readonly monotonic: () => number;
  /** Calls `run` once, after at least `milliseconds`; keeps the process alive only with `ref`. Call the result to cancel. */
  readonly after: (milliseconds: number, run: () => void, options?: { readonly ref?: boolean | undefined }) => () => void;
}

/** Beyond this a `setTimeout` overflows 32 bits and fires at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** The runtime's own clocks and timers. Delays of more than 24.8 days end early, at 24.8 days. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (milliseconds, run, { ref = false } = {}) => {
    const timer: unknown = setTimeout(run, Math.min(Math.max(milliseconds, 0), LONGEST_DELAY));
    if (!ref && hasUnref(timer)) timer.unref();
    // `setTimeout` returns a number in browsers and an object in Node; `clearTimeout` takes either.
    return () => clearTimeout(timer as ReturnType<typeof setTimeout>);
  },
};

const hasUnref = (timer: unknown): timer is { unref: () => void } => typeof timer === 'object' && timer !== null && 'unref' in timer;
