import { ensure } from '../check.ts';
import type { AnyProvider } from './fixture.ts';
import { hasToken, type ProviderRule, type Stage } from './stage.ts';

/** How clients that each bring credentials of their own are kept apart in one store. */
export const tenantRules: readonly ProviderRule[] = [
  {
    name: 'shares nothing between tenants in one store, and everything within one',
    run: async (open) => {
      const stage = await open();
      const { fixture, vendor, settled, touched } = stage;
      const one = await stage.provider({ tenant: 'one' });
      const userId = await settled(Promise.resolve(fixture.user(vendor, one)));
      await use(stage, one, userId);
      const keys = new Set(touched);
      const sent = stage.record();
      await use(stage, await stage.provider({ tenant: 'one' }), userId);
      ensure(stage.tokenRequests(sent()) === 0, 'Two providers of one tenant did not share a token. Pass the same tenant to everything.');
      const start = touched.length;
      await use(stage, await stage.provider({ tenant: 'other' }), userId);
      ensure(
        !touched.slice(start).some((key) => keys.has(key)),
        'A provider read or wrote an entry of another tenant. Pass tenant of the options to the engine, the states and whatever else has a store.',
      );
    },
  },
];

/** Asks for the user's status and token, and the application's. There may be no token where the tenant knows no such user. */
const use = async ({ settled, fixture }: Stage, provider: AnyProvider, userId: string): Promise<void> => {
  const { application } = provider;
  for (const authority of [provider.asUser(userId), ...(application && fixture.capabilities.application ? [application] : [])]) {
    await settled(authority.status());
    if (hasToken(authority)) await settled(authority.token()).catch(() => {});
  }
};
