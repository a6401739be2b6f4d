import type { Clock } from '@auth/core';
import { expiringMap } from '../expiring-map.ts';
import { alphanumerics, type Random } from '../random.ts';
import type { FinicityCredentials } from './credentials.ts';

const DAY = 24 * 60 * 60_000;
const GRACE_PERIOD = 30 * DAY;
/** Secrets that are in their days of grace at once. No source names a limit. */
const GRACE_LIMIT = 100;
/** Tokens that are remembered, live ones included. No source names a limit. */
const TOKEN_LIMIT = 10_000;

/** Who the partner is, and how the vendor treats it. */
export interface PartnerOptions {
  readonly credentials: FinicityCredentials;
  readonly clock: Clock;
  readonly random: Random;
  readonly lockAfter: number;
  readonly successResetsCounter: boolean;
  readonly tokenLifetime: number;
}

/** The one partner of a sandbox: its secrets, its failed attempts, its tokens. */
export interface Partner {
  readonly failedAttempts: () => number;
  readonly isLocked: () => boolean;
  readonly unlock: () => void;
  /** Whether this secret works now. Counts a failed attempt if it does not. Not to be asked while locked. */
  readonly accepts: (secret: string) => boolean;
  /** `keepOld` leaves the secrets of before in use for 30 days. Tokens stay as they are. */
  readonly changeSecret: (secret: string, options: { readonly keepOld: boolean }) => void;
  readonly issueToken: () => string;
  readonly tokenState: (token: string) => 'live' | 'expired' | 'unknown';
  readonly liveTokens: () => number;
  readonly endToken: (token: string) => void;
  readonly expireTokens: () => void;
  readonly reset: () => void;
}

/** The one partner of a sandbox: its secrets, its tokens, its lock. */
export const partner = ({ credentials, clock, random, lockAfter, successResetsCounter, tokenLifetime }: PartnerOptions): Partner => {
  let current = credentials.partnerSecret;
  let failedAttempts = 0;
  /** Earlier secrets and the time at which each stops working. */
  let inGrace: ReadonlyMap<string, number> = new Map();
  /** Dead tokens stay for a day, as the vendor tells an expired token from one it never issued. */
  const tokens = expiringMap<true>({ clock, limit: TOKEN_LIMIT, remember: DAY });

  const works = (secret: string): boolean => secret === current || clock.now() < (inGrace.get(secret) ?? 0);

  return {
    failedAttempts: () => failedAttempts,
    isLocked: () => failedAttempts >= lockAfter,
    unlock: () => {
      failedAttempts = 0;
    },
    accepts: (secret) => {
      const accepted = works(secret);
      if (!accepted) failedAttempts += 1;
      else if (successResetsCounter) failedAttempts = 0;
      return accepted;
    },
    changeSecret: (secret, { keepOld }) => {
      const earlier = keepOld ? [...inGrace, [current, clock.now() + GRACE_PERIOD] as const] : [];
      inGrace = new Map(earlier.slice(-GRACE_LIMIT));
      current = secret;
    },
    issueToken: () => {
      const token = alphanumerics(random, 20);
      tokens.set(token, true, clock.now() + tokenLifetime);
      return token;
    },
    tokenState: (token) => {
      if (tokens.get(token)) return 'live';
      return tokens.isEnded(token) ? 'expired' : 'unknown';
    },
    liveTokens: () => tokens.live().length,
    endToken: (token) => tokens.end(token),
    expireTokens: () => tokens.end(),
    reset: () => {
      current = credentials.partnerSecret;
      failedAttempts = 0;
      inGrace = new Map();
      tokens.clear();
    },
  };
};
