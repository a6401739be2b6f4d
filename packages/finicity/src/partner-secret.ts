import { AuthError, type Clock } from '@auth/core';
import { readSecret, type SecretSource } from '@auth/core/kit';
import { PARTNER_SECRET } from './options.ts';

/** As long as the vendor lets an old secret work. Its webhooks may be repeated for some days of that. */
const REMEMBERED = 30 * 24 * 60 * 60_000;
/** Enough for two rotations in one month; a function that gives another value each time must not make this grow. */
const MOST_REMEMBERED = 4;

/** The partner secret, which may change while the process runs. */
export interface PartnerSecret {
  /** As it is now. Rejects with `unavailable` or `misconfigured`, and then nothing was sent. */
  readonly read: () => Promise<string>;
  /** Notes one that is, or is about to be, in use. */
  readonly remember: (secret: string) => void;
  /** Those that this process has seen in use within 30 days, the latest first. */
  readonly recent: () => readonly string[];
}

/** Reads the secret from the options, and remembers what it was. */
export const partnerSecretOf = (source: SecretSource, clock: Clock): PartnerSecret => {
  let seen: readonly { readonly secret: string; readonly at: number }[] = [];
  const recent = (): typeof seen => seen.filter(({ at }) => clock.monotonic() - at < REMEMBERED);
  const remember = (secret: string): void => {
    const others = recent().filter((one) => one.secret !== secret);
    seen = [{ secret, at: clock.monotonic() }, ...others].slice(0, MOST_REMEMBERED);
  };
  return {
    read: async () => {
      const secret = await readSecret(source, PARTNER_SECRET);
      if (/\s/.test(secret)) throw blank();
      remember(secret);
      return secret;
    },
    remember,
    recent: () => recent().map(({ secret }) => secret),
  };
};

/** No secret of this vendor has any: one would cost an attempt for nothing. */
const blank = (): AuthError =>
  new AuthError(
    `${PARTNER_SECRET.option} has a space or a line break, which no partner secret has. Trim what was read from a file. Nothing was sent.`,
    { code: 'misconfigured', provider: 'finicity', operation: 'options' },
  );
