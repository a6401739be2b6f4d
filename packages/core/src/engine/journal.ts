import type { Token } from '../authority.ts';

/** What one renewal writes to the store, when, and over what. */
export interface Journal {
  /** What the source is called with. */
  readonly refreshToken: string | null;
  /** Called before the source. If another process has renewed meanwhile, resolves to its token, and nothing must be sent. */
  readonly begin: () => Promise<Token | undefined>;
  /** Called after the source has failed. */
  readonly abort: (error: unknown) => Promise<void>;
  readonly saveRefreshToken: (refreshToken: string) => Promise<void>;
  /** Writes the token. If another process has stored one meanwhile, resolves to that token, which is the one that all share. */
  readonly commit: (token: Token) => Promise<Token | undefined>;
}
