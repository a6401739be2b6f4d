import { authorizedFetch } from '@auth/core';
import { budgea, userId } from '../lib/aggregator.js';

// Nothing here says that the page is dynamic: the first request that may not be kept does.
export default async function Page() {
  const id = await userId();
  const { codes, asUser } = budgea();
  const [first, second] = await Promise.all([codes.issue(id, { singleUse: true }), codes.issue(id, { singleUse: true })]);
  const response = await authorizedFetch(asUser(id))('users/me/connections', { cache: 'no-store' });
  const { connections } = await response.json();
  // What a page may well keep. That it is found in the cache proves that the matrix looks at the right place.
  const kept = await fetch(new URL('/__sandbox', process.env.BUDGEA_BASE_URL), { next: { revalidate: 3600 } });
  const found = { codes: [first.value, second.value], connections: connections.length, kept: (await kept.json()).vendor };
  return <pre id="found">{JSON.stringify(found)}</pre>;
}
