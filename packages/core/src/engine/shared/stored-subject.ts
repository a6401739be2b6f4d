import type { Token } from '../../authority.ts';
import type { EngineContext } from '../context.ts';
import type { Subject } from '../subject.ts';
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
  /** How many tokens in a row were given up because they were refused. 0 once a token was not refused in vain. */
  readonly vain: number;
}

/** The subjects in a store, beside renewals. Unless stated otherwise, functions reject with `store_unavailable` while the store is down. */
export interface StoredSubjects {
  /** Takes over the stored token if it is of use. */
  readonly takeOver: (id: string, subject: Subject) => Promise<void>;
  readonly adopt: (id: string, token: Token, refreshToken: string | null) => Promise<void>;
  /** Resolves to whether the token was there. A refresh token beside it stays, and the streak is as given. While the store is down, resolves to `false`. */
  readonly removeToken: (id: string, rejected: Token, vain: number) => Promise<boolean>;
  readonly remove: (id: string) => Promise<void>;
}

/** Milliseconds for which a streak is remembered while there is no token. Longer than it takes to get the next one. */
const STREAK_TTL = 10 * 60_000;

/** How subjects are written. */
export const subjectFormat: RecordFormat<StoredSubject> = {
  absent: () => ({ token: null, refreshToken: null, sent: null, vain: 0 }),
  // As long as the token lives, unless something must outlive it.
  life: ({ record: { token, refreshToken, sent, vain } }, now) => {
    if (refreshToken !== null || sent !== null) return Number.POSITIVE_INFINITY;
    if (token === null) return vain > 0 ? STREAK_TTL : 0;
    return token.expiresAt === null ? Number.POSITIVE_INFINITY : Math.max(1, token.expiresAt - now);
  },
  encode: ({ token, refreshToken, sent, vain }) => [
    token === null ? null : [token.value, token.issuedAt, token.expiresAt],
    refreshToken,
    ...(vain > 0 ? [sent, vain] : sent === null ? [] : [sent]),
  ],
  decode: ([token, refreshToken, sent = null, vain = 0]) => {
    if (!isTextOrNull(refreshToken) || !isTextOrNull(sent) || typeof vain !== 'number') return undefined;
    if (token === null) return { token: null, refreshToken, sent, vain };
    const decoded = decodeToken(token);
    return decoded && { token: decoded, refreshToken, sent, vain };
  },
};

/** Writes of `patient` are tried even if another operation has just hung. */
export const storedSubjects = (
  context: EngineContext,
  entries: Entries<StoredSubject>,
  patient: Entries<StoredSubject>,
): StoredSubjects => ({
  takeOver: async (id, subject) => {
    const { record } = await entries.read(await context.keyOf(id));
    await takeOver(context, id, subject, record);
  },
  adopt: async (id, token, refreshToken) => {
    await patient.change(await context.keyOf(id), () => ({ token, refreshToken, sent: null, vain: 0 }));
  },
  removeToken: async (id, rejected, vain) => {
    let wasThere = false;
    try {
      await entries.change(await context.keyOf(id), (there) => {
        wasThere = there.token?.value === rejected.value;
        return wasThere ? { ...there, token: null, vain } : undefined;
      });
    } catch (error) {
      if (!isDown(error)) throw error;
      await servedWithoutStore(context, id, error);
      return false;
    }
    return wasThere;
  },
  remove: async (id) => entries.remove(await context.keyOf(id)),
});

const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string';

const decodeToken = (parts: unknown): Token | undefined => {
  if (!Array.isArray(parts)) return undefined;
  const [value, issuedAt, expiresAt]: readonly unknown[] = parts;
  if (typeof value !== 'string' || typeof issuedAt !== 'number') return undefined;
  // Frozen, because all callers share it.
  return expiresAt === null || typeof expiresAt === 'number' ? Object.freeze({ value, issuedAt, expiresAt }) : undefined;
};
