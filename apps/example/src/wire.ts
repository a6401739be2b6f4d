import type { Environment } from '@auth/core';
import type { Call } from '@auth/sandbox';
import { type Provider, registry } from './providers.ts';
import { vendors } from './vendors.ts';

/** The other end: a sandbox that can be looked into, or the vendor itself. */
export interface Wire {
  /** What `registry.fromEnv` reads. */
  readonly environment: Environment;
  /** Absent where the vendor itself is at the other end: nobody can look there, and nothing may be broken. */
  readonly sandbox: { readonly url: string; readonly calls: readonly Call[]; readonly expireTokens: () => void } | undefined;
  readonly close: () => Promise<void>;
}

/** The vendor, if the environment has any of its required variables; else its sandbox, over HTTP on a free loopback port. */
export const openWire = async (id: Provider['id'], environment: Environment): Promise<Wire> => {
  const plugin = registry.plugins.find((candidate) => candidate.id === id);
  const selected = { ...environment, AUTH_PROVIDER: id };
  if (plugin?.fields.some(({ variable, required }) => required && environment[variable]))
    return { environment: selected, sandbox: undefined, close: async () => {} };

  const sandbox = vendors[id].sandbox();
  const { url, close } = await sandbox.listen();
  return {
    environment: { ...selected, ...sandbox.environment(url) },
    sandbox: { url, calls: sandbox.calls, expireTokens: sandbox.expireTokens },
    close,
  };
};
