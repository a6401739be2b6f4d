import type { Token } from '../../authority.ts';
import type { EngineContext } from '../context.ts';
import type { Adoption, KnownRefreshToken, Subject } from '../subject.ts';
import type { Entries, RecordFormat } from './entries.ts';
import { isDown, servedWithoutStore } from './store-outage.ts';
import { takeOver } from './take-over.ts';

/** What the store holds for one subject. */
export interface StoredSubject {
  readonly token: Token | null;
  /** The refresh token that the source saved for its next call. */
  readonly refreshToken: string | null;
  /** A mark that the refresh token was sent. Only the process that made this mark may know the outcome yet. */
  readonly sent: string | null;
  /** How many tokens in a row were given up because they were refused. 0 while there is no such trouble. */
  readonly vain: number;
  /** The adoption from which the refresh token comes. */
  readonly adoption: Adoption | null;
}

/** The subjects in a store, beside renewals. Unless stated otherwise, functions reject with `store_unavailable` while the store is down. */
export interface StoredSubjects {
  /** Takes over the stored token if it is of use. */
  readonly takeOver: (id: string, subject: Subject) => Promise<void>;
  /** If the store does not take it, the refresh token is remembered in the subject. */
  readonly adopt: (id: string, subject: Subject, token: Token, refreshToken: string | null) => Promise<void>;
  /** Resolves to whether the token was there. A refresh token beside it stays, and the streak is as given. While the store is down, resolves to `false`. */
  readonly removeToken: (id: string, rejected: Token, vain: number) => Promise<boolean>;
  readonly remove: (id: string) => Promise<void>;
}

/** Milliseconds for which a streak is remembered while there is no token. Longer than it takes to get the next one. */
const STREAK_TTL = 10 * 60_000;

/** How subjects are written. */
export const subjectFormat: RecordFormat<StoredSubject> = {
  absent: () => ({ token: null, refreshToken: null, sent: null, vain: 0, adoption: null }),
  // As long as the token lives, unless something must outlive it.
  life: ({ record: { token, refreshToken, sent, vain } }, now) => {
    if (refreshToken !== null || sent !== null) return Number.POSITIVE_INFINITY;
    if (token === null) return vain > 0 ? STREAK_TTL : 0;
    return token.expiresAt === null ? Number.POSITIVE_INFINITY : Math.max(1, token.expiresAt - now);
  },
  encode: ({ token, refreshToken, sent, vain, adoption }) => [
    token === null ? null : [token.value, token.issuedAt, token.expiresAt],
    refreshToken,
    ...withoutTail([sent, vain || null, adoption && [adoption.id, adoption.at]]),
  ],
  decode: ([token, refreshToken, sent = null, vain = null, adoption = null]) => {
    if (!isTextOrNull(refreshToken) || !isTextOrNull(sent) || !(vain === null || typeof vain === 'number')) return undefined;
    const decoded = token === null ? null : decodeToken(token);
    const adopted = adoption === null ? null : decodeAdoption(adoption);
    if (decoded === undefined || adopted === undefined) return undefined;
    return { token: decoded, refreshToken, sent, vain: vain ?? 0, adoption: adopted };
  },
};

/** How the subjects of one engine are reached. Writes of `patient` are tried even if another operation has just hung. */
export interface SubjectAccess {
  readonly entries: Entries<StoredSubject>;
  readonly patient: Entries<StoredSubject>;
  readonly keyOf: (id: string) => Promise<string>;
}

/** The subjects of one engine in its store. */
export const storedSubjects = (context: EngineContext, { entries, patient, keyOf }: SubjectAccess): StoredSubjects => ({
  takeOver: async (id, subject) => {
    const { record } = await entries.read(await keyOf(id));
    takeOver(context, id, subject, record);
  },
  adopt: async (id, subject, token, refreshToken) => {
    const adoption = { id: crypto.randomUUID(), at: context.timing.clock.now() };
    let replaces: readonly (string | null)[] = [];
    try {
      await patient.change(await keyOf(id), (there) => {
        replaces = [there.refreshToken];
        return { token, refreshToken, sent: null, vain: 0, adoption };
      });
      subject.rememberSaved(refreshToken);
    } catch (error) {
      // Not before: a renewal would send a refresh token that is about to be written as one that was not sent.
      const known: KnownRefreshToken = { value: refreshToken, isSaved: false, newerThan: [null], replaces, adoption };
      subject.activityOrNew().refreshToken = refreshToken === null ? undefined : known;
      throw error;
    }
  },
  removeToken: async (id, rejected, vain) => {
    let wasThere = false;
    try {
      await entries.change(await keyOf(id), (there) => {
        wasThere = there.token?.value === rejected.value;
        return wasThere ? { ...there, token: null, vain } : undefined;
      });
    } catch (error) {
      if (!isDown(error)) throw error;
      servedWithoutStore(context, id, error);
      return false;
    }
    return wasThere;
  },
  remove: async (id) => entries.remove(await keyOf(id)),
});

const withoutTail = (parts: readonly unknown[]): readonly unknown[] => parts.slice(0, parts.findLastIndex((part) => part !== null) + 1);

const decodeAdoption = (parts: unknown): Adoption | undefined => {
  const [id, at]: readonly unknown[] = Array.isArray(parts) ? parts : [];
  return typeof id === 'string' && typeof at === 'number' ? { id, at } : undefined;
};

const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string';

const decodeToken = (parts: unknown): Token | undefined => {
  if (!Array.isArray(parts)) return undefined;
  const [value, issuedAt, expiresAt]: readonly unknown[] = parts;
  if (typeof value !== 'string' || typeof issuedAt !== 'number') return undefined;
  // Frozen, because all callers share it.
  return expiresAt === null || typeof expiresAt === 'number' ? Object.freeze({ value, issuedAt, expiresAt }) : undefined;
};
