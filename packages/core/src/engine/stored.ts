import type { Token } from '../provider.ts';

/** What the store holds for one subject. */
export interface Stored {
  readonly token: Token | null;
  /** What the source kept for its next call, a refresh token. */
  readonly grant: string | null;
}

/** Begins every key in a shared store. */
const PREFIX = 'aggregator-auth:1:';

/** Version of the layout; another one reads as no entry. */
const LAYOUT = 1;

/** The key in the store: injective in the parts, and without any of them in clear. */
export const storageKey = async (...parts: readonly string[]): Promise<string> => `${PREFIX}${await digest(JSON.stringify(parts))}`;

/** SHA-256 as base64url. */
export const digest = async (text: string): Promise<string> => {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
};

export const encodeStored = ({ token, grant }: Stored): string =>
  JSON.stringify([LAYOUT, token === null ? null : [token.value, token.issuedAt, token.expiresAt], grant]);

/** `undefined` for anything that this version did not write. */
export const decodeStored = (value: string): Stored | undefined => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed) || parsed[0] !== LAYOUT) return undefined;
  const [, token, grant]: readonly unknown[] = parsed;
  if (grant !== null && typeof grant !== 'string') return undefined;
  if (token === null) return { token: null, grant };
  const decoded = decodeToken(token);
  return decoded && { token: decoded, grant };
};

const decodeToken = (parts: unknown): Token | undefined => {
  if (!Array.isArray(parts)) return undefined;
  const [value, issuedAt, expiresAt]: readonly unknown[] = parts;
  if (typeof value !== 'string' || typeof issuedAt !== 'number') return undefined;
  return expiresAt === null || typeof expiresAt === 'number' ? { value, issuedAt, expiresAt } : undefined;
};
