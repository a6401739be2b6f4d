import type { Clock, Environment } from '@auth/core';
import type { Call, Fault } from '@auth/sandbox';
import { type Provider, pluginOf } from './providers.ts';
import { vendors } from './vendors.ts';

/** The other end: a sandbox that can be looked into, or the vendor itself. */
export interface Wire {
  /** What `registry.fromEnv` reads. */
  readonly environment: Environment;
  /** Absent where the vendor itself is at the other end: nobody can look there, and nothing may be broken. */
  readonly sandbox: WireSandbox | undefined;
  readonly close: () => Promise<void>;
}

/** What may be seen and broken, the same for both vendors. */
export interface WireSandbox {
  readonly url: string;
  readonly calls: readonly Call[];
  readonly expireTokens: () => void;
  readonly faults: { readonly add: (fault: Fault) => void; readonly clear: () => void };
}

/** The vendor, if the environment has any of its required variables; else its sandbox, over HTTP on a free loopback port. */
export const openWire = async (id: Provider['id'], environment: Environment, clock?: Clock): Promise<Wire> => {
  const selected = { ...environment, AUTH_PROVIDER: id };
  if (pluginOf(id).fields.some(({ variable, required }) => required && environment[variable]))
    return { environment: selected, sandbox: undefined, close: async () => {} };

  const sandbox = vendors[id].sandbox({ clock });
  const { url, close } = await sandbox.listen();
  return {
    environment: { ...selected, ...sandbox.environment(url) },
    sandbox: { url, calls: sandbox.calls, expireTokens: sandbox.expireTokens, faults: sandbox.faults },
    close,
  };
};
