import { fail } from './errors.ts';

/** The note stored with the token of a temporary user: until `expiresAt`, another token would make the user permanent. */
export const temporaryNote = (expiresAt: number): string => `temporary until ${expiresAt}`;

/** Throws while the user is temporary. After that the user is gone, or somebody has made it permanent: the vendor knows. */
export const checkNotTemporary = (note: string | null, now: number): void => {
  const [, until] = /^temporary until (\d+)$/.exec(note ?? '') ?? [];
  if (until === undefined || now >= Number(until)) return;
  throw fail(
    'invalid_token',
    'asUser.token',
    'This user is temporary, and a new token would make it permanent. To keep the user, pass its token to codes.exchange; else let it end.',
  );
};
