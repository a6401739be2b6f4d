import type { EngineContext } from './context.ts';
import type { Layer } from './renewal.ts';

/** The journal of a process on its own, without a store or while the store is down: the refresh token is kept in memory. */
export const journalledHere =
  ({ timing }: EngineContext): Layer =>
  (next) =>
  (renewal) => {
    const { subject } = renewal;
    let known = subject.activity?.refreshToken;
    const saveRefreshToken = async (value: string): Promise<void> => {
      // A refresh token that was adopted meanwhile is newer.
      if (subject.isForgotten() || subject.activity?.refreshToken !== known) return;
      subject.rememberHere(value, { id: crypto.randomUUID(), at: timing.clock.now() });
      known = subject.activity?.refreshToken;
    };
    return next({ ...renewal, refresh: { refreshToken: known?.value ?? null, saveRefreshToken } });
  };
