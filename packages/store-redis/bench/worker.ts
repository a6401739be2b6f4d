/** A process of a product with its tokens in Redis or in SQLite. */
import { sqliteStore } from '@auth/store-sqlite';
import { redisStore } from '../src/index.ts';
import { connecting } from '../test/clients.ts';
import { serve } from '../test/product.ts';

serve(async (place) => {
  if (place.kind === 'sqlite') return sqliteStore({ path: place.path });
  const { client, ready } = connecting(place.kind, place.address);
  await ready(1_000);
  return redisStore(client);
});
