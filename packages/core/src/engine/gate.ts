import type { Clock } from '../clock.ts';
import type { AuthError } from '../errors.ts';
import { deadline } from '../wait.ts';

/** Milliseconds. A little longer than the longest phase of what goes on behind a gate. */
const LONGEST_PHASE = 32_000;

/** Lets callers wait for what one of them does for all. Each waits with a timer of its own. */
export class Gate {
  readonly #clock: Clock;
  readonly #waiting: Set<(failure: AuthError | undefined) => void> = new Set();
  #movedAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#movedAt = clock.monotonic();
  }

  /** Whether nothing has happened behind it for longer than anything takes: whoever shut it may be gone, and nobody should wait. */
  isDead(): boolean {
    return this.#clock.monotonic() - this.#movedAt > LONGEST_PHASE;
  }

  /** Waits until something has happened behind the gate, at most this long. Resolves to the failure, if it is everybody's. */
  wait(milliseconds: number, signal: AbortSignal, timeoutError: () => AuthError): Promise<AuthError | undefined> {
    let wake: ((failure: AuthError | undefined) => void) | undefined;
    const woken = new Promise<AuthError | undefined>((resolve) => {
      wake = resolve;
      this.#waiting.add(resolve);
    });
    return deadline(this.#clock, milliseconds, () => woken, { signal, timeoutError }).finally(() => wake && this.#waiting.delete(wake));
  }

  /** Something is happening, but nothing that those who wait should look at. */
  touch(): void {
    this.#movedAt = this.#clock.monotonic();
  }

  /** Something has happened: those who wait look again, or get the failure. */
  move(failure?: AuthError): void {
    this.touch();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake(failure);
  }
}
