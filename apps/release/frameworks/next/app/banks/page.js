import { authorizedFetch } from '@auth/core';
import { unstable_cache } from 'next/cache';
import { finicity } from '../../lib/aggregator.js';

const banks = unstable_cache(
  async () => {
    const response = await authorizedFetch(finicity().application)('institution/v2/institutions?limit=1');
    return (await response.json()).institutions.map(({ name }) => name);
  },
  ['banks'],
  { revalidate: 3600 },
);

// Made while the product is built, with the vendor's data in it. Those may be kept, the token that fetched them may not.
export default async function Banks() {
  return <p id="banks">{JSON.stringify(await banks())}</p>;
}
