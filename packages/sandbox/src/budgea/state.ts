import type { Clock } from '@auth/core';
import { base64, type Random } from '../random.ts';

/** The life of anonymous users, their tokens and all codes: documented as 1800 s. */
export const TEMPORARY_LIFETIME = 1_800_000;

/** A user of the sandbox. */
export interface BudgeaUser {
  readonly id: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** When an anonymous user is deleted; `null` once there is a permanent token. */
  purgeAt: number | null;
}

/** A token or code that is kept by value. JWTs are not: they prove themselves. */
interface Grant {
  /** `single` is a code that one call of any kind uses up. */
  readonly kind: 'permanent' | 'temporary' | 'code' | 'single';
  readonly userId: number;
  /** Epoch milliseconds, `null` for ever. */
  readonly expiresAt: number | null;
}

/** Users, tokens and codes of a sandbox. */
export interface BudgeaState {
  readonly createUser: (options: { readonly anonymous: boolean }) => BudgeaUser;
  readonly user: (id: number) => BudgeaUser | undefined;
  readonly deleteUser: (id: number) => void;
  /** A permanent token also keeps an anonymous user from being deleted. */
  readonly issue: (kind: Grant['kind'], user: BudgeaUser) => string;
  readonly grant: (value: string) => Grant | undefined;
  readonly revoke: (value: string) => void;
  /** Ends the permanent tokens of one user. */
  readonly revokePermanent: (userId: number) => void;
  readonly revokeAll: () => void;
  readonly reset: () => void;
}

/** Users and tokens in memory. What has expired goes when it is next asked for. */
export const budgeaState = ({ clock, random }: { readonly clock: Clock; readonly random: Random }): BudgeaState => {
  const users = new Map<number, BudgeaUser>();
  const grants = new Map<string, Grant>();
  let lastUserId = 0;

  const isOver = (end: number | null): boolean => end !== null && end <= clock.now();

  const revokeWhere = (matches: (grant: Grant) => boolean): void => {
    for (const [value, grant] of grants) if (matches(grant)) grants.delete(value);
  };

  const deleteUser = (id: number): void => {
    users.delete(id);
    revokeWhere(({ userId }) => userId === id);
  };

  const user = (id: number): BudgeaUser | undefined => {
    const found = users.get(id);
    if (found === undefined || !isOver(found.purgeAt)) return found;
    deleteUser(id);
    return undefined;
  };

  return {
    createUser: ({ anonymous }) => {
      lastUserId += 1;
      const now = clock.now();
      const created: BudgeaUser = { id: lastUserId, createdAt: now, purgeAt: anonymous ? now + TEMPORARY_LIFETIME : null };
      users.set(created.id, created);
      return created;
    },
    user,
    deleteUser,
    issue: (kind, owner) => {
      const value = base64(random, 96);
      grants.set(value, { kind, userId: owner.id, expiresAt: kind === 'permanent' ? null : clock.now() + TEMPORARY_LIFETIME });
      if (kind === 'permanent') owner.purgeAt = null;
      return value;
    },
    grant: (value) => {
      const found = grants.get(value);
      if (found === undefined) return undefined;
      if (!isOver(found.expiresAt) && user(found.userId) !== undefined) return found;
      grants.delete(value);
      return undefined;
    },
    revoke: (value) => {
      grants.delete(value);
    },
    revokePermanent: (id) => revokeWhere(({ kind, userId }) => kind === 'permanent' && userId === id),
    revokeAll: () => grants.clear(),
    reset: () => {
      users.clear();
      grants.clear();
      lastUserId = 0;
    },
  };
};
