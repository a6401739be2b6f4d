import { digest } from '../engine/stored.ts';

/** A secret, or where to get it: a function is asked again after the vendor has refused what it gave. */
export type SecretSource = string | (() => string | Promise<string>);

/** The secret as it is now. */
export const readSecret = async (source: SecretSource): Promise<string> => (typeof source === 'string' ? source : source());

/** Names credentials without containing them: a hash of all parts, injective in them. */
export const fingerprintOf = (...parts: readonly string[]): Promise<string> => digest(JSON.stringify(parts));
