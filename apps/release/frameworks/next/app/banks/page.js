import { authorizedFetch } from '@auth/core';
import { finicity } from '../../lib/aggregator.js';

// Made while the product is built, with the vendor's data in it. Those may be kept, the token that fetched them may not.
export const dynamic = 'force-static';
export const revalidate = 3600;

export default async function Banks() {
  const response = await authorizedFetch(finicity().application)('institution/v2/institutions?limit=1');
  const { institutions } = await response.json();
  return <p id="banks">{JSON.stringify(institutions.map(({ name }) => name))}</p>;
}
