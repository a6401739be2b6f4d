import { budgeaPlugin } from '@auth/budgea';
import { createRegistry } from '@auth/core';
import { finicityPlugin } from '@auth/finicity';

const registry = createRegistry([finicityPlugin, budgeaPlugin]);

/** Each provider is made once, with its first use: a build does not need the variables. */
const once = (name) => {
  globalThis.aggregators ??= {};
  globalThis.aggregators[name] ??= registry.fromEnv({ ...process.env, AUTH_PROVIDER: name });
  return globalThis.aggregators[name];
};

export const budgea = () => once('budgea');
export const finicity = () => once('finicity');

/** The user who is looking. */
export const userId = async () => {
  globalThis.user ??= (await budgea().users.create({ reference: 'customer-17' })).id;
  return globalThis.user;
};
