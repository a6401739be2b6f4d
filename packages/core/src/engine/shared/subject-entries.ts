import type { Token } from '../../authority.ts';
import type { Clock } from '../../clock.ts';
import type { Store } from '../../store.ts';

/** What the store holds for one subject. */
export interface Stored {
  readonly token: Token | null;
  /** The refresh token that the source saved for its next call. */
  readonly refreshToken: string | null;
  /** A random mark that the refresh token was sent. Only the process that made this mark may know the outcome yet. */
  readonly sent: string | null;
}

/** Version of the layout. An entry with another version reads as no entry. */
const LAYOUT = 1;

/** What was read, and the version to write over. */
export interface Versioned {
  readonly stored: Stored;
  /** `null` where there is no entry. */
  readonly version: string | null;
}

/** The entries of subjects in a store. */
export interface SubjectEntries {
  readonly store: Store;
  /** What this version did not write reads as nothing, and can be overwritten. */
  readonly read: (key: string) => Promise<Versioned>;
  /** Resolves to the new version, or to `undefined` if another write was faster. Without `ifVersion` it overwrites whatever is there. */
  readonly write: (key: string, stored: Stored, ifVersion?: string | null) => Promise<string | undefined>;
  readonly remove: (key: string) => Promise<void>;
}

/** What an absent entry counts as. */
export const NOTHING_STORED: Stored = { token: null, refreshToken: null, sent: null };

/** The entries of subjects in this store. */
export const subjectEntries = (store: Store, clock: Clock): SubjectEntries => ({
  store,
  read: async (key) => {
    const entry = await store.read(key);
    return entry === undefined
      ? { stored: NOTHING_STORED, version: null }
      : { stored: decodeStored(entry.value) ?? NOTHING_STORED, version: entry.version };
  },
  write: (key, stored, ifVersion) => store.write(key, encodeStored(stored), { ifVersion, ttl: ttlOf(stored, clock.now()) }),
  remove: async (key) => {
    await store.write(key, undefined);
  },
});

/** The lifetime of an entry whose token was refused, in milliseconds. The entry shows that nobody has forgotten the subject. */
const EMPTY_TTL = 60 * 60_000;

/** As long as the token lives, unless something must outlive it. */
const ttlOf = ({ token, refreshToken, sent }: Stored, now: number): number | undefined => {
  if (refreshToken !== null || sent !== null) return undefined;
  if (token === null) return EMPTY_TTL;
  return token.expiresAt === null ? undefined : Math.max(1, token.expiresAt - now);
};

/** An entry as text. */
export const encodeStored = ({ token, refreshToken, sent }: Stored): string =>
  JSON.stringify([
    LAYOUT,
    token === null ? null : [token.value, token.issuedAt, token.expiresAt],
    refreshToken,
    ...(sent === null ? [] : [sent]),
  ]);

/** `undefined` for anything that this version did not write. */
export const decodeStored = (value: string): Stored | undefined => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed) || parsed[0] !== LAYOUT) return undefined;
  const [, token, refreshToken, sent = null]: readonly unknown[] = parsed;
  if (!isTextOrNull(refreshToken) || !isTextOrNull(sent)) return undefined;
  if (token === null) return { token: null, refreshToken, sent };
  const decoded = decodeToken(token);
  return decoded && { token: decoded, refreshToken, sent };
};

const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string';

const decodeToken = (parts: unknown): Token | undefined => {
  if (!Array.isArray(parts)) return undefined;
  const [value, issuedAt, expiresAt]: readonly unknown[] = parts;
  if (typeof value !== 'string' || typeof issuedAt !== 'number') return undefined;
  return expiresAt === null || typeof expiresAt === 'number' ? { value, issuedAt, expiresAt } : undefined;
};
