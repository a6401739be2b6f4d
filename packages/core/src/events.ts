import type { AuthErrorCode } from './errors.ts';

/**
 * What the engine reports to `observe`, step by step. Contains no token, secret, URL or body; `tokenId` is
 * random and names the token that came.
 */
export type AuthEvent = {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly provider: string;
  /** The same as in `AuthorityStatus`. */
  readonly authority: string;
} & (
  | { readonly type: 'acquired' | 'refreshed'; readonly tokenId: string; readonly duration: number; readonly expiresAt: number | null }
  | {
      readonly type: 'refresh_failed' | 'served_stale' | 'refused' | 'guard_tripped';
      readonly code: AuthErrorCode;
    }
  /** `vendorCode`: what the store or its server calls it, `SQLITE_FULL` or `OOM` for instance. */
  | { readonly type: 'served_without_store'; readonly code: AuthErrorCode; readonly vendorCode: string | undefined }
  | { readonly type: 'invalidated' | 'adopted' | 'forgotten' | 'lease_waited' | 'lease_lost' }
);
