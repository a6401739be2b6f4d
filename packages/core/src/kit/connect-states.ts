import type { ConnectSession } from '../capabilities.ts';
import type { Clock } from '../clock.ts';
import { base64url, digest } from '../engine/hash.ts';
import { storeWithDeadline } from '../engine/shared/store-with-deadline.ts';
import { ofTenant, storageKey } from '../engine/storage-key.ts';
import { AuthError } from '../errors.ts';
import { memoryStore } from '../memory-store.ts';
import type { Store } from '../store.ts';
import type { CallbackParameters } from './callback-query.ts';

/** The `state` of sessions on a vendor's page: what ties a callback to the browser that the product sent there. */
export interface ConnectStates {
  /** A new state: 256 random bits as base64url, 43 characters. */
  readonly create: () => string;
  /**
   * Resolves if the callback carries the session's state exactly once, the session has not ended, and this is the first use of the state;
   * otherwise rejects with `state_mismatch`. Call it before using anything else of the callback, errors included. Compares in constant
   * time.
   */
  readonly spend: (callback: CallbackParameters, session: Pick<ConnectSession, 'state' | 'expiresAt'>, operation: string) => Promise<void>;
}

/** Where states are remembered. */
export interface ConnectStatesOptions {
  readonly provider: string;
  /** Whose sessions these are: provider, base URL and client. */
  readonly account: string;
  /** With a shared store a state can be used once in all processes; without a store, or while it is down, once in this process. */
  readonly store: Store | undefined;
  /** Whose credentials these are: the option of the same name. */
  readonly tenant?: string | undefined;
  readonly clock: Clock;
}

/**
 * The states of one account's sessions. Only the hash of a used state is kept, until its session would have ended.
 *
 * @example
 * ```ts
 * const states = connectStates({ provider: 'acme', account, store, tenant, clock });
 * const session = { state: states.create(), expiresAt: clock.now() + 30 * 60_000, userId, redirectUri, url };
 * await states.spend(readCallback(callbackUrl), session, 'connect.complete');
 * ```
 */
export const connectStates = ({ provider, account, store, tenant, clock }: ConnectStatesOptions): ConnectStates => {
  const here = memoryStore({ clock });
  const unavailable = (): AuthError =>
    new AuthError('The store cannot be reached.', { code: 'store_unavailable', provider, operation: 'connect.complete' });
  const shared = store && storeWithDeadline(store, clock, unavailable);

  const isFirstUse = async (state: string, ttl: number): Promise<boolean> => {
    const key = await storageKey('state', account, state, ...ofTenant(tenant));
    const spent = { ifVersion: null, ttl };
    // Tells this use from the others, if the store loses its answer.
    const use = crypto.randomUUID();
    if ((await here.write(key, use, spent)) === undefined) return false;
    if (shared === undefined) return true;
    try {
      if ((await shared.write(key, use, spent)) !== undefined) return true;
      const first = await shared.read(key);
      if (first === undefined) throw neverWritten(provider);
      return first.value === use;
    } catch (error) {
      if (AuthError.is(error, 'store_unavailable')) return true;
      throw error;
    }
  };

  return {
    create: () => base64url(crypto.getRandomValues(new Uint8Array(32))),
    spend: async (callback, { state, expiresAt }, operation) => {
      const mismatch = (message: string): AuthError => new AuthError(message, { code: 'state_mismatch', provider, operation });
      const [received = '', ...others] = callback.values('state');
      const isSame = typeof state === 'string' && (await equalInConstantTime(received, state));
      if (!isSame || others.length > 0 || received === '')
        throw mismatch(
          'The callback does not carry the state of this session, so somebody else may have made it. It was ignored. Start again.',
        );
      const left = expiresAt - clock.now();
      if (!(left > 0)) throw mismatch('The session has ended. Start again.');
      if (!(await isFirstUse(state, left)))
        throw mismatch('The state of this session was already used. Nothing was done twice. Start again.');
    },
  };
};

/** Not a replay: then there would be an entry. */
const neverWritten = (provider: string): AuthError =>
  new AuthError(
    'The store said that the state of this session was used, and has no entry that says so. Let its `write` return the new version. Nothing was done.',
    { code: 'misconfigured', provider, operation: 'connect.complete' },
  );

/** Compares hashes, so that the time taken reveals neither a common prefix nor the length. */
const equalInConstantTime = async (one: string, other: string): Promise<boolean> => {
  const [a, b] = await Promise.all([digest(one), digest(other)]);
  let difference = a.length ^ b.length;
  for (let index = 0; index < a.length; index += 1) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
};
