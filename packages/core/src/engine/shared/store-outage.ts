import type { Clock } from '../../clock.ts';
import { AuthError, copyOf, kindOf } from '../../errors.ts';
import { sleep } from '../../wait.ts';
import type { EngineContext } from '../context.ts';

/** Milliseconds. Longer than a server takes to restart or a file stays locked, shorter than callers wait. */
const PATIENCE = 5_000;
const [SHORTEST, LONGEST] = [50, 500];

/** Whether the store cannot be reached. */
export const isDown = (error: unknown): error is AuthError => AuthError.is(error, 'store_unavailable');

/** For what must not be lost: retries for some seconds while the store is down. */
export const retryWhileDown = async <T>(clock: Clock, work: () => Promise<T>): Promise<T> => {
  const end = clock.monotonic() + PATIENCE;
  for (let pause = SHORTEST; ; pause = Math.min(2 * pause, LONGEST)) {
    try {
      return await work();
    } catch (error) {
      if (!isDown(error) || clock.monotonic() + pause > end) throw error;
    }
    await sleep(clock, pause, { ref: true });
  }
};

/** Reports that a call goes on without the store. */
export const servedWithoutStore = ({ report }: EngineContext, id: string, { code, vendorCode }: AuthError): void =>
  report(id, { type: 'served_without_store', code, vendorCode });

/** The error for a store that failed or hangs. Messages of our own stores hold no secret; messages of other stores may. */
export const storeIsDown = ({ errors }: EngineContext, cause: unknown): AuthError =>
  AuthError.is(cause, 'store_unavailable')
    ? copyOf(cause, { provider: errors.provider, operation: errors.operation })
    : errors.make(
        'store_unavailable',
        `The token store ${cause instanceof Error ? `failed with ${kindOf(cause)}` : 'hangs'}. Check that it is up.`,
      );
