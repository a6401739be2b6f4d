import { AuthError } from '../errors.ts';
import type { Attempt, Fingerprint, OpenAccount } from './attempt.ts';
import type { EngineContext } from './context.ts';
import type { CredentialGuard } from './credential-guard.ts';
import { isDefiniteRefusal } from './engine-errors.ts';
import type { Layer } from './renewal.ts';

/** Puts the guard in front of the source. */
export const guarded =
  (guard: Guard): Layer =>
  (next) =>
  (renewal) => {
    const { id, flight } = renewal;
    return guard.attempt({ id, signal: flight.signal, moves: flight.moves, run: (failedLate) => next({ ...renewal, failedLate }) });
  };

/**
 * Stands in front of every use of the credentials. What it does is in `credential-guard.ts`, which is loaded only where there is something to
 * guard: a store or a fingerprint, or once the vendor has refused something.
 */
export class Guard {
  readonly #context: EngineContext;
  readonly #open: OpenAccount | undefined;
  readonly #fingerprint: Fingerprint | undefined;
  #guard: CredentialGuard | undefined = undefined;
  /** When the credentials were first accepted, by the wall clock. */
  #acceptedAt: number | undefined = undefined;

  /** `open`: the account that processes share, if there is a store. */
  constructor(context: EngineContext, open: OpenAccount | undefined, fingerprint?: Fingerprint) {
    this.#context = context;
    this.#open = open;
    this.#fingerprint = fingerprint;
  }

  /** Runs the attempt, unless its credentials must not be sent now. */
  async attempt<T>(attempt: Attempt<T>): Promise<T> {
    const hasNothing = !this.#guard && !this.#open && (attempt.fingerprint ?? this.#fingerprint) === undefined;
    if (!hasNothing) return (await this.#loaded()).attempt(attempt);
    const learn = async (cause: unknown): Promise<void> => {
      if (isDefiniteRefusal(cause) || AuthError.is(cause, 'rate_limited'))
        await (await this.#loaded()).learn(attempt.id, cause, this.#acceptedAt);
    };
    try {
      const result = await attempt.run((cause) => void learn(cause).catch(() => {}));
      this.#acceptedAt ??= this.#context.timing.clock.now();
      return result;
    } catch (error) {
      await learn(error);
      throw error;
    }
  }

  /** Forgets all refusals, pauses and attempts. */
  async reset(): Promise<void> {
    if (this.#guard || this.#open) await (await this.#loaded()).reset();
  }

  /** How many more refusals it takes until no more secrets are sent; `null` if nothing tells secrets apart. */
  async left(): Promise<number | null> {
    return this.#fingerprint ? (await this.#loaded()).left() : null;
  }

  async #loaded(): Promise<CredentialGuard> {
    const { CredentialGuard } = await import('./credential-guard.ts');
    this.#guard ??= new CredentialGuard(this.#context, this.#open, this.#fingerprint);
    return this.#guard;
  }
}
