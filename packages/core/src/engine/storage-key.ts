import { digest } from './hash.ts';

/** The prefix of every key in a shared store. */
const PREFIX = 'aggregator-auth:1:';

/** What a tenant adds to the parts of a key, after all others. */
export const ofTenant = (tenant: string | undefined): readonly string[] => (tenant === undefined ? [] : [tenant]);

/** The key in the store: injective in the parts, none of which it shows in clear. */
export const storageKey = async (...parts: readonly string[]): Promise<string> => `${PREFIX}${await digest(JSON.stringify(parts))}`;
