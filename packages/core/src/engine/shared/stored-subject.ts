import type { Token } from '../../authority.ts';
import type { RecordFormat } from './entries.ts';

/** What the store holds for one subject. */
export interface StoredSubject {
  readonly token: Token | null;
  /** The refresh token that the source saved for its next call. */
  readonly refreshToken: string | null;
  /** A mark that the refresh token was sent. Only the process that made this mark may know the outcome yet. */
  readonly sent: string | null;
}

/** How subjects are written. */
export const subjectFormat: RecordFormat<StoredSubject> = {
  absent: () => ({ token: null, refreshToken: null, sent: null }),
  // As long as the token lives, unless something must outlive it.
  life: ({ record: { token, refreshToken, sent } }, now) => {
    if (refreshToken !== null || sent !== null) return Number.POSITIVE_INFINITY;
    if (token === null) return 0;
    return token.expiresAt === null ? Number.POSITIVE_INFINITY : Math.max(1, token.expiresAt - now);
  },
  encode: ({ token, refreshToken, sent }) => [
    token === null ? null : [token.value, token.issuedAt, token.expiresAt],
    refreshToken,
    ...(sent === null ? [] : [sent]),
  ],
  decode: ([token, refreshToken, sent = null]) => {
    if (!isTextOrNull(refreshToken) || !isTextOrNull(sent)) return undefined;
    if (token === null) return { token: null, refreshToken, sent };
    const decoded = decodeToken(token);
    return decoded && { token: decoded, refreshToken, sent };
  },
};

const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string';

const decodeToken = (parts: unknown): Token | undefined => {
  if (!Array.isArray(parts)) return undefined;
  const [value, issuedAt, expiresAt]: readonly unknown[] = parts;
  if (typeof value !== 'string' || typeof issuedAt !== 'number') return undefined;
  return expiresAt === null || typeof expiresAt === 'number' ? { value, issuedAt, expiresAt } : undefined;
};
