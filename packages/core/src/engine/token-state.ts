/** How far a token is through its life, which decides what a caller gets. */
export type TokenState =
  /** There is no token: callers wait for the first one. */
  | 'empty'
  /** Served as it is. */
  | 'fresh'
  /** Served as it is, while one renewal runs in the background. */
  | 'advisory'
  /** Callers wait for the renewal, and get this token if the renewal fails. */
  | 'mandatory'
  /** Past its end: callers wait for the renewal. */
  | 'expired';

/** How long before its end a token is renewed, in milliseconds. */
export interface Windows {
  /** The background renewal starts when this much life is left. */
  readonly advisory: number;
  /** Callers wait for the renewal when this much life is left. */
  readonly mandatory: number;
}

/** Windows that replace the ones derived from the lifetime. They are still clamped to it. */
export interface WindowOverrides {
  readonly advisory?: number | undefined;
  readonly mandatory?: number | undefined;
}

/**
 * The state of a token, as a pure function. `expiresAt` and `now` are milliseconds of the same clock.
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
 * The windows for a token with this lifetime, in milliseconds. `jitter`, from 0 to 1, makes the advisory window up to a tenth longer, so
 * that a fleet does not renew all at once. The advisory window is at most half of the lifetime; the mandatory window is at most a quarter
 * of it, and never longer than the advisory one.
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
