import { isEcho, leavesOf } from '../echo.ts';
import type { AuthError } from '../errors.ts';
import type { MakeError, Meaning } from './errors-of.ts';

/** What the pages of one vendor report in a callback when nothing was connected. */
export interface PageFailures {
  readonly fail: MakeError;
  readonly operation: string;
  /** What each of the vendor's words means. */
  readonly known: Readonly<Record<string, Meaning>>;
  /** What every other word means. */
  readonly otherwise: Meaning;
  /** What the vendor's words look like: only such a word becomes `vendorCode`, because anyone can write a callback. */
  readonly wordsLike: RegExp;
  /** What the page was opened with: the session. None of it becomes `vendorCode`. */
  readonly sent: unknown;
}

/**
 * The error for what a page reports: of several words, the first that is known decides.
 *
 * @example
 * ```ts
 * const session = await browserSession.get('connect');
 * const [error] = readCallback(callbackUrl).values('error');
 * const failures: PageFailures = {
 *   fail: errorsOf('acme'),
 *   operation: 'connect.complete',
 *   known: { access_denied: ['consent_denied', 'The user left the page. Offer to start again.'] },
 *   otherwise: ['unavailable', 'Nothing was connected. Offer to start again.'],
 *   wordsLike: /^[a-z_]{1,40}$/,
 *   sent: session,
 * };
 * if (error !== undefined) throw pageFailure([error], failures);
 * ```
 */
export const pageFailure = (words: readonly string[], { fail, operation, known, otherwise, wordsLike, sent }: PageFailures): AuthError => {
  const decisive = words.find((word) => Object.hasOwn(known, word));
  const [code, message] = (decisive !== undefined && known[decisive]) || otherwise;
  const vendorCode = decisive ?? words.find((word) => wordsLike.test(word)) ?? '';
  const isOwnWord = wordsLike.test(vendorCode) && (decisive !== undefined || !isEcho(vendorCode, leavesOf(sent)));
  return fail(code, operation, message, { vendorCode: isOwnWord ? vendorCode : undefined });
};
