/** How far a token's life has come, which decides what a caller gets. */
export type TokenState =
  /** There is none: callers wait for the first one. */
  | 'empty'
  /** Served as it is. */
  | 'fresh'
  /** Served as it is, while one renewal runs in the background. */
  | 'advisory'
  /** Callers wait for the renewal, and get this one if it fails. */
  | 'mandatory'
  /** Dead: callers wait. */
  | 'expired';

/** How long before its end a token is renewed, in milliseconds. */
export interface Windows {
  /** The background renewal starts with so much life left. */
  readonly advisory: number;
  /** Callers wait for the renewal from here on. */
  readonly mandatory: number;
}

/** Windows that replace the ones derived from the lifetime. They are still clamped to it. */
export interface WindowOverrides {
  readonly advisory?: number | undefined;
  readonly mandatory?: number | undefined;
}

/**
 * The whole decision, as a pure function. `expiresAt` and `now` are milliseconds of the same clock.
 *
 * @example
 * ```ts
 * tokenState({ expiresAt: 7_200_000 }, 5_400_000, { advisory: 1_800_000, mandatory: 60_000 }); // 'advisory'
 * ```
 */
export const tokenState = (entry: { readonly expiresAt: number | null } | undefined, now: number, windows: Windows): TokenState => {
  if (entry === undefined) return 'empty';
  if (entry.expiresAt === null) return 'fresh';
  const left = entry.expiresAt - now;
  if (left <= 0) return 'expired';
  if (left <= windows.mandatory) return 'mandatory';
  return left <= windows.advisory ? 'advisory' : 'fresh';
};

const MINUTE = 60_000;

/** The share of the advisory window by which instances of a fleet may differ. */
const JITTER = 0.1;

/**
 * Windows for a token that lives so many milliseconds. `jitter` from 0 to 1 makes the advisory window up to a tenth longer,
 * so that a fleet does not renew at one moment. The advisory window never exceeds half of the life, the mandatory a quarter, nor the advisory.
 */
export const windowsFor = (
  lifetime: number,
  { advisory = advisoryFor(lifetime), mandatory = MINUTE }: WindowOverrides,
  jitter: number,
): Windows => {
  const waiting = Math.min(mandatory, lifetime / 4);
  return { advisory: Math.max(waiting, Math.min(advisory * (1 + JITTER * jitter), lifetime / 2)), mandatory: waiting };
};

const advisoryFor = (lifetime: number): number => {
  if (lifetime <= 20 * MINUTE) return 5 * MINUTE;
  return lifetime < 90 * MINUTE ? 15 * MINUTE : 60 * MINUTE;
};
