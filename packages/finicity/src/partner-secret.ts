import type { AuthError, Clock } from '@auth/core';
import { readSecret, type SecretSource } from '@auth/core/kit';
import { fail } from './errors.ts';
import { PARTNER_SECRET } from './options.ts';

/** How long an old secret can still work at the vendor, in milliseconds. Its webhooks may be repeated for some of those days. */
const REMEMBERED = 30 * 24 * 60 * 60_000;
/** Enough for two rotations in a month. Bounded, because a function may return a different value each time. */
const MOST_REMEMBERED = 4;

/** The partner secret, which may change while the process runs. */
export interface PartnerSecret {
  /** The current secret. Rejects with `unavailable` or `misconfigured`; nothing was sent then. */
  readonly read: () => Promise<string>;
  /** Notes a secret that is, or is about to be, in use. */
  readonly remember: (secret: string) => void;
  /** The secrets that this process has seen in use within the last 30 days, latest first, at most four. */
  readonly recent: () => readonly string[];
}

/** Reads the secret from the options, and remembers the values that it had. */
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
      if (/\s/.test(secret)) throw withSpace();
      remember(secret);
      return secret;
    },
    remember,
    recent: () => recent().map(({ secret }) => secret),
  };
};

/** No partner secret contains white space, so sending one that does would waste an attempt. */
const withSpace = (): AuthError =>
  fail(
    'misconfigured',
    'options',
    `${PARTNER_SECRET.option} contains a space or a line break, which no partner secret has. Nothing was sent. Check its source.`,
  );
