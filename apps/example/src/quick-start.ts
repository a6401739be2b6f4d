import { budgeaPlugin } from '@auth/budgea';
import { authorizedFetch, createRegistry } from '@auth/core';
import { finicityPlugin } from '@auth/finicity';

const registry = createRegistry([finicityPlugin, budgeaPlugin]);
type Provider = ReturnType<typeof registry.fromEnv>;

// AUTH_PROVIDER=finicity or AUTH_PROVIDER=budgea: this is the line that switches.
const provider = registry.fromEnv(process.env);

// The data endpoints are the vendors' own, so an application keeps one table of them.
const paths = {
  finicity: 'institution/v2/institutions?limit=5',
  budgea: 'users/me/connections',
} satisfies Record<Provider['id'], string>;

// The id that you stored when this user connected. Without one a user is created, because a new sandbox has none.
const [userId = (await provider.users.create({ reference: `customer-${Date.now()}` })).id] = process.argv.slice(2);
// Tokens are fetched, cached and renewed for you, and never logged.
const fetch = authorizedFetch(provider.asUser(userId));
const response = await fetch(paths[provider.id]);
console.log(response.status, await response.json());
