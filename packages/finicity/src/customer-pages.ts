import type { Authority, CallOptions } from '@auth/core';
import { asOperation } from '@auth/core/kit';
import type { FinicityApi } from './api/operations.ts';
import type { CustomerFilter } from './api/parameters.ts';
import type { Customers, FinicityCustomer } from './api/schemas.ts';
import { fail } from './errors.ts';

/** Which customers to walk through, and how many to fetch per page. */
export interface WalkOptions extends CustomerFilter, CallOptions {
  readonly operation: string;
  readonly pageSize: number;
}

/**
 * Every customer that matches, each once. Pages are cut by position, and positions move when a customer is deleted meanwhile. So each page
 * begins with the last customer of the page before; if another customer comes first, the walk goes back to one that it knows.
 */
export async function* walkCustomers(
  api: FinicityApi,
  as: Authority,
  { operation, pageSize, signal, ...filter }: WalkOptions,
): AsyncGenerator<FinicityCustomer, void, undefined> {
  const walk = startWalk(pageSize);
  for (;;) {
    const parameters = { ...filter, start: walk.start(), limit: pageSize };
    const page = await asOperation(operation, () => api.getCustomers(parameters, { as, signal }));
    const { fresh, end } = walk.take(page);
    for (const customer of fresh) {
      if (signal?.aborted) throw fail('aborted', operation, 'The caller aborted the call.');
      yield customer;
    }
    if (end === 'circle')
      throw fail('invalid_response', operation, 'Finicity returned the same customers for page after page. Check the base URL.');
    if (end === 'last') return;
  }
}

interface Walk {
  /** The position of the next page. */
  readonly start: () => number;
  readonly take: (page: Customers) => { readonly fresh: readonly FinicityCustomer[]; readonly end: 'last' | 'circle' | undefined };
}

/** How many pages in a row may bring nothing new before they count as a circle. */
const PATIENCE = 10;

/** Decides what is new on a page, and where the next one starts. */
const startWalk = (pageSize: number): Walk => {
  const known = new Set<string>();
  let start = 1;
  let isReturning = false;
  let knownBeforeReturn = -1;
  let barren = 0;

  const hasMoved = ([first]: Customers['customers']): boolean => start > 1 && (first === undefined || !known.has(first.id));

  return {
    start: () => start,
    take: ({ customers, moreAvailable }) => {
      // After going back without finding anyone new, going back again would never end.
      if (hasMoved(customers) && known.size > knownBeforeReturn) {
        isReturning = true;
        start = Math.max(1, start - pageSize + 1);
        return { fresh: [], end: undefined };
      }
      if (isReturning) knownBeforeReturn = known.size;
      isReturning = false;
      const fresh = customers.filter(({ id }) => !known.has(id));
      for (const { id } of fresh) known.add(id);
      barren = fresh.length > 0 ? 0 : barren + 1;
      start += Math.max(1, customers.length - 1);
      if (!moreAvailable || customers.length === 0) return { fresh, end: 'last' };
      return { fresh, end: barren > PATIENCE ? 'circle' : undefined };
    },
  };
};
