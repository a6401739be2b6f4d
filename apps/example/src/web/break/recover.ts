import { type Clock, type Secret, supports } from '@auth/core';
import { createProvider } from '../settings.ts';
import type { Scene } from './action.ts';

/** Ends a rotation that was interrupted, as the job of a product does before the next one. Resolves to whether there was one. */
export const recoverSecret = async ({ product, provider: { id } }: Scene): Promise<boolean> => {
  const { settings, store, events, curl, clock } = product;
  const vault = settings.vaultOf(id);
  if ((await vault.read()).pending === null) return false;
  const runtime = { store: store.store, observe: events.publish, fetch: curl.around(id, fetch), clock: withoutTheMinute(clock) };
  await using provider = createProvider(id, settings, runtime);
  await secretOf(provider)?.recover({ vault });
  return true;
};

/** The capability, where there is one. */
export const secretOf = (provider: Scene['provider']): Secret | undefined => (supports(provider, 'secret') ? provider.secret : undefined);

/** `recover` waits a minute for the request that was lost. A sandbox delivers none late, so nobody has to wait here. */
const withoutTheMinute = (clock: Clock): Clock => ({
  ...clock,
  after: (milliseconds, run, options) => {
    const isTheMinute = options?.ref === true && milliseconds > 30_000 && milliseconds <= 60_000;
    return clock.after(isTheMinute ? 0 : milliseconds, run, options);
  },
});
