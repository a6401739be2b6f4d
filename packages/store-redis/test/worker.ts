/** A process of a product with its tokens in Redis. */
import { redisStore } from '../src/index.ts';
import { connecting } from './clients.ts';
import { serve } from './product.ts';

serve(async (place) => {
  if (place.kind === 'sqlite') throw new Error('This process has Redis only.');
  const { client, ready } = connecting(place.kind, place.address);
  await ready(1_000);
  return redisStore(client);
});
