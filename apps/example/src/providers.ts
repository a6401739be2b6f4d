import { budgeaPlugin } from '@auth/budgea';
import { createRegistry } from '@auth/core';
import { finicityPlugin } from '@auth/finicity';

/** The vendors that this product can switch between, by `AUTH_PROVIDER`. */
export const registry = createRegistry([finicityPlugin, budgeaPlugin]);

/** Either of them. */
export type Provider = ReturnType<typeof registry.fromEnv>;
