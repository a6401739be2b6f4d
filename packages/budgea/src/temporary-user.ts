import { AuthError } from '@auth/core';

/** Kept beside the token of a temporary user: until then another token would make the user permanent. */
export const temporaryNote = (expiresAt: number): string => `temporary until ${expiresAt}`;

/** Rejects while the user is temporary. After its end the user is gone, or somebody has made it permanent: the vendor knows. */
export const checkNotTemporary = (note: string | null, now: number): void => {
  const [, until] = /^temporary until (\d+)$/.exec(note ?? '') ?? [];
  if (until === undefined || now >= Number(until)) return;
  throw new AuthError(
    'This user is temporary, and another token would make it permanent. Exchange its token by codes.exchange to keep the user, or let it end.',
    { code: 'invalid_token', provider: 'budgea', operation: 'asUser.token' },
  );
};
