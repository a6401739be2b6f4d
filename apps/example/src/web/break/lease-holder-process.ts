// A process of its own: it begins to get a token, says so, and never gets on. It is there to be killed.
import { createProvider } from '../settings.ts';
import { openTokenStore } from '../token-store.ts';
import type { LeaseHolderTask } from './lease-holder.ts';

process.once('message', async (message) => {
  const { provider: id, settings, directory, redisUrl, userId } = message as LeaseHolderTask; // sent by lease-holder.ts
  const { store } = await openTokenStore(directory, redisUrl);
  const provider = createProvider(
    id,
    { get: (variable) => settings[variable] },
    {
      store,
      // The engine asks with the lease in hand.
      fetch: () => {
        process.send?.('asking');
        return new Promise(() => {});
      },
    },
  );
  await provider.asUser(userId).token();
});
