import { authorizedFetch } from '@auth/core';
import { sqliteStore } from '@auth/store-sqlite';
import { registry } from '../providers.ts';
import { vendors } from '../vendors.ts';
import type { Client, Deployment } from './client.ts';

/** The packages of this repository, with a store that the processes share. This is all that a product writes. */
export const ours = ({ vendor, environment, userId, directory }: Deployment): Client => {
  const store = sqliteStore({ path: `${directory}/tokens.db` });
  const provider = registry.fromEnv(environment, { store });
  const fetch = authorizedFetch(provider.asUser(userId));

  return {
    call: async () => {
      const response = await fetch(vendors[vendor].path);
      await response.text();
      return response.ok;
    },
    close: async () => {
      await provider[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
};
