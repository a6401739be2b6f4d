import type { Clock } from '@auth/core';
import { expiringMap } from '../expiring-map.ts';
import { base64, type Random } from '../random.ts';

/** The life of anonymous users, their tokens, all codes and service tokens, in milliseconds: documented as 1800 s. */
export const TEMPORARY_LIFETIME = 1_800_000;

/** A user of the sandbox. */
export interface BudgeaUser {
  readonly id: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Where he came from, in the vendor's words. */
  readonly platform: string;
  /** When an anonymous user is deleted; `null` once there is a permanent token. Changed by the state only. */
  purgeAt: number | null;
}

/** A token or code that is kept by value. JWTs are not: they prove themselves. */
export interface Grant {
  /** `single` is a code that one call of any kind uses up. */
  readonly kind: 'permanent' | 'temporary' | 'code' | 'single';
  readonly userId: number;
  /** The Webview's, for codes that it made: the exchange has to name the same. */
  readonly redirectUri?: string | undefined;
}

/** Users, tokens and codes of a sandbox. */
export interface BudgeaState {
  readonly createUser: (options: { readonly anonymous: boolean; readonly platform?: string | undefined }) => BudgeaUser;
  readonly user: (id: number) => BudgeaUser | undefined;
  /** In the order of their creation. */
  readonly users: () => readonly BudgeaUser[];
  readonly deleteUser: (id: number) => void;
  /** An anonymous user is not deleted by the clock any more. */
  readonly keep: (user: BudgeaUser) => void;
  /** A permanent token also keeps an anonymous user from being deleted. */
  readonly issue: (kind: Grant['kind'], user: BudgeaUser, made?: Pick<Grant, 'redirectUri'>) => string;
  readonly grant: (value: string) => Grant | undefined;
  readonly revoke: (value: string) => void;
  /** Ends the permanent tokens of one user. */
  readonly revokePermanent: (userId: number) => void;
  readonly revokeAll: () => void;
  /** Live tokens and codes by kind. */
  readonly tokenCounts: () => Readonly<Record<Grant['kind'], number>>;
  readonly reset: () => void;
}

/** Where time and tokens come from, and who wants to know what is gone. */
export interface BudgeaStateOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Random bytes in a token, which are a third more characters. Default 96. */
  readonly tokenBytes?: number | undefined;
  /** Hears of every user that is deleted, by a call or by the clock. */
  readonly onUserDeleted?: ((id: number) => void) | undefined;
}

/** Users and tokens in memory. What has ended is swept as new ones come. */
export const budgeaState = ({ clock, random, tokenBytes = 96, onUserDeleted = () => {} }: BudgeaStateOptions): BudgeaState => {
  const users = new Map<number, BudgeaUser>();
  const grants = expiringMap<Grant>({ clock, onExpiry: (value, { userId }) => valuesOf.get(userId)?.delete(value) });
  /** Each user's tokens and codes, so that nobody has to look through everybody's. */
  const valuesOf = new Map<number, Set<string>>();
  /** In the order of their end, as all anonymous users live equally long. */
  const anonymous = new Set<BudgeaUser>();
  let lastUserId = 0;

  const revoke = (value: string): void => {
    const found = grants.get(value);
    if (found === undefined) return;
    valuesOf.get(found.userId)?.delete(value);
    grants.delete(value);
  };

  const keep = (user: BudgeaUser): void => {
    user.purgeAt = null;
    anonymous.delete(user);
  };

  const deleteUser = (id: number): void => {
    const found = users.get(id);
    if (found === undefined) return;
    for (const value of valuesOf.get(id) ?? []) grants.delete(value);
    users.delete(id);
    valuesOf.delete(id);
    anonymous.delete(found);
    onUserDeleted(id);
  };

  const purge = (): void => {
    const now = clock.now();
    for (const { id, purgeAt } of anonymous) {
      if (purgeAt === null || purgeAt > now) return;
      deleteUser(id);
    }
  };

  const user = (id: number): BudgeaUser | undefined => {
    purge();
    return users.get(id);
  };

  return {
    createUser: ({ anonymous: isAnonymous, platform = 'sharedAccess' }) => {
      purge();
      lastUserId += 1;
      const now = clock.now();
      const created: BudgeaUser = { id: lastUserId, createdAt: now, platform, purgeAt: isAnonymous ? now + TEMPORARY_LIFETIME : null };
      users.set(created.id, created);
      valuesOf.set(created.id, new Set());
      if (isAnonymous) anonymous.add(created);
      return created;
    },
    user,
    users: () => {
      purge();
      return [...users.values()];
    },
    deleteUser,
    keep,
    issue: (kind, owner, { redirectUri } = {}) => {
      const value = base64(random, tokenBytes);
      grants.set(value, { kind, userId: owner.id, redirectUri }, kind === 'permanent' ? null : clock.now() + TEMPORARY_LIFETIME);
      valuesOf.get(owner.id)?.add(value);
      if (kind === 'permanent') keep(owner);
      return value;
    },
    grant: (value) => {
      const found = grants.get(value);
      return found !== undefined && user(found.userId) !== undefined ? found : undefined;
    },
    revoke,
    revokePermanent: (id) => {
      for (const value of valuesOf.get(id) ?? []) if (grants.get(value)?.kind === 'permanent') revoke(value);
    },
    revokeAll: () => {
      grants.clear();
      for (const values of valuesOf.values()) values.clear();
    },
    tokenCounts: () => {
      purge();
      const counts = { permanent: 0, temporary: 0, code: 0, single: 0 };
      for (const { kind } of grants.live()) counts[kind] += 1;
      return counts;
    },
    reset: () => {
      users.clear();
      valuesOf.clear();
      anonymous.clear();
      grants.clear();
      lastUserId = 0;
    },
  };
};
