import type { AuthErrorCode } from './errors.ts';

/**
 * One step that the engine reports to `observe`. Contains no token, secret, URL or body; `tokenId` is a random name for the new
 * token, `duration` is in milliseconds.
 */
export type AuthEvent = {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly provider: string;
  /** The same name as in `AuthorityStatus`. */
  readonly authority: string;
} & (
  | { readonly type: 'acquired' | 'refreshed'; readonly tokenId: string; readonly duration: number; readonly expiresAt: number | null }
  | {
      readonly type: 'refresh_failed' | 'served_stale' | 'refused' | 'guard_tripped';
      readonly code: AuthErrorCode;
    }
  /** `vendorCode`: the own code of the store or its server, such as `SQLITE_FULL` or `OOM`. */
  | { readonly type: 'served_without_store'; readonly code: AuthErrorCode; readonly vendorCode: string | undefined }
  /** A new token was refused too. For `pause` milliseconds this subject's token is not given up for a refusal. */
  | { readonly type: 'renewal_in_vain'; readonly pause: number }
  | { readonly type: 'invalidated' | 'adopted' | 'forgotten' | 'lease_waited' | 'lease_lost' }
);
