import type { AuthEvent, AuthorityStatus } from '@auth/core';
import { supports } from '@auth/core';
import type { Product } from './product.ts';

/** One authority, as a health page shows it. */
export interface AuthorityRow extends AuthorityStatus {
  /** Whom its token stands for, in your words. */
  readonly subject: string;
  /** What the engine told of it since this process started, oldest first. */
  readonly events: readonly AuthEvent[];
  readonly leaseHolder: 'this process' | 'another process' | 'nobody';
}

/** Users whose tokens are looked at: a page is no place for all of them. */
const MOST_USERS = 20;

/** The product itself and its users, each authority once: at some vendors all of them are the same. */
export const authoritiesOf = async (product: Product): Promise<readonly AuthorityRow[]> => {
  const provider = product.provider();
  const users = product.users.list(product.scope()).slice(-MOST_USERS);
  const subjects = [
    ...(supports(provider, 'application') ? [{ subject: 'the product', authority: provider.application }] : []),
    ...users.map(({ reference, vendorUserId }) => ({ subject: reference, authority: provider.asUser(vendorUserId) })),
  ];
  const statuses = await Promise.all(subjects.map(async ({ subject, authority }) => ({ subject, ...(await authority.status()) })));
  return [...Map.groupBy(statuses, ({ authority }) => authority).values()].flatMap((same) => {
    const [status] = same;
    if (status === undefined) return [];
    const events = product.events.recent().filter(({ authority }) => authority === status.authority);
    const covered = same.length > 1 ? `${status.subject} and ${same.length - 1} of its users` : status.subject;
    return [{ ...status, subject: covered, events, leaseHolder: holder(status, events) }];
  });
};

/** Who else holds it is not told; that this process waits for somebody is. */
const holder = ({ holdsLease }: AuthorityStatus, events: readonly AuthEvent[]): AuthorityRow['leaseHolder'] => {
  if (holdsLease) return 'this process';
  return events.at(-1)?.type === 'lease_waited' ? 'another process' : 'nobody';
};
