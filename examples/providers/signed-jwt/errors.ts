import type { ErrorAnswer } from '@auth/core/kit';

/** Refusals that another JWT would mend, by then with the vendor's time in it. An unknown application or key would be refused again, however often it is signed. */
const TOKEN_REFUSALS: ReadonlySet<unknown> = new Set(['EXPIRED_TOKEN', 'NOT_YET_VALID', 'REVOKED_TOKEN']);

/** Whether the vendor refused this very token. */
export const isTokenRefusal = ({ body }: ErrorAnswer): boolean =>
  typeof body === 'object' && body !== null && 'error' in body && TOKEN_REFUSALS.has(body.error);
