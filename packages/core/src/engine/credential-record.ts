import type { AuthErrorCode } from '../errors.ts';
import { AuthError } from '../errors.ts';

/** Definite refusals after which no more secrets are sent. Finicity locks the account at five. */
export const REFUSAL_BUDGET = 3;

/** Only a vendor's word about the credentials counts; networks, 5xx and 429 never do. */
const DEFINITE: ReadonlySet<AuthErrorCode> = new Set(['invalid_credentials', 'locked']);

/** Whether the vendor refused these very credentials. */
export const isDefiniteRefusal = (error: unknown): error is AuthError => AuthError.is(error) && DEFINITE.has(error.code);

/** Whether only new credentials or a reset of the guard can help. */
export const isRefused = (error: AuthError): boolean => DEFINITE.has(error.code) || error.code === 'attempts_exhausted';

/** What is known about an account's credentials, by their fingerprints. */
export interface AccountRecord {
  readonly accepted: string | null;
  readonly refusals: readonly Refusal[];
}

/** The vendor's refusal of one set of credentials. */
export interface Refusal {
  readonly fingerprint: string;
  readonly code: AuthErrorCode;
  readonly message: string;
  readonly status: number | undefined;
  readonly vendorCode: string | undefined;
}

/** A change of the record. It may be made more than once, over what another process has written meanwhile. */
export type RecordChange = (record: AccountRecord) => AccountRecord;

/** The record of an account that nobody has used yet. */
export const NOTHING_KNOWN: AccountRecord = { accepted: null, refusals: [] };

/** The record after these credentials were accepted: the whole budget is there again. */
export const withAccepted =
  (fingerprint: string): RecordChange =>
  () => ({ accepted: fingerprint, refusals: [] });

/** The record with one more refusal. Refused credentials no longer count as accepted. */
export const withRefusal =
  (refusal: Refusal): RecordChange =>
  ({ accepted, refusals }) => ({
    accepted: accepted === refusal.fingerprint ? null : accepted,
    refusals: [...refusals.filter(({ fingerprint }) => fingerprint !== refusal.fingerprint), refusal],
  });

/** The record after a reset. */
export const withoutRefusals: RecordChange = ({ accepted }) => ({ accepted, refusals: [] });
