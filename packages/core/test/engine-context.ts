import type { EngineContext } from '../src/engine/context.ts';
import { engineErrors } from '../src/engine/engine-errors.ts';
import { EngineTime } from '../src/engine/engine-time.ts';
import type { AuthErrorCode, AuthErrorFacts, Clock } from '../src/index.ts';
import { AuthError } from '../src/index.ts';

/** An error of the engine in `engineContext`, unless facts say otherwise. */
export const failure = (
  code: AuthErrorCode,
  facts: Partial<AuthErrorFacts> = {},
  message: string = `The vendor says ${code}.`,
): AuthError => new AuthError(message, { provider: 'acme', operation: 'token', ...facts, code });

/** The context of an engine that looks every 100 ms at what another process is doing. */
export const engineContext = (clock: Clock, report: EngineContext['report'] = () => {}): EngineContext => ({
  timing: { clock, time: new EngineTime(clock), overrides: {}, jitter: 0, random: () => 1 },
  isSingleUse: false,
  errors: engineErrors('acme', 'token'),
  report,
  nameOf: async (id) => id,
});
