import type { Clock } from '@auth/core';
import { expiringMap } from '../expiring-map.ts';
import { base64, type Random } from '../random.ts';
import type { Refusals } from './errors.ts';
import type { Fields } from './fields.ts';
import { TEMPORARY_LIFETIME } from './state.ts';

/** What a service token may be for. */
const SCOPES: ReadonlySet<string> = new Set([
  'payments:admin',
  'payments:read-only',
  'payments:allow-sensitive',
  'payments:validate',
  'payments:cancel',
  'payments',
  'payment-links:admin',
]);

/** The service tokens of a sandbox: good for half an hour, and no user's. */
export interface ServiceTokens {
  readonly issue: (scope: string) => string;
  /** The scope of a live token. */
  readonly scopeOf: (token: string) => string | undefined;
  readonly revoke: (token: string) => void;
  readonly revokeAll: () => void;
  readonly count: () => number;
}

/** Service tokens in memory. */
export const serviceTokens = (clock: Clock, random: Random, tokenBytes: number): ServiceTokens => {
  const scopes = expiringMap<string>({ clock });
  return {
    issue: (scope) => {
      const token = base64(random, tokenBytes);
      scopes.set(token, scope, clock.now() + TEMPORARY_LIFETIME);
      return token;
    },
    scopeOf: scopes.get,
    revoke: scopes.delete,
    revokeAll: scopes.clear,
    count: () => scopes.live().length,
  };
};

/** The scope of `POST /auth/token`: a text, its parts separated by spaces, or a list. Assumption: without one a parameter is missing. */
export const requestedScope = (fields: Fields, refuse: Refusals): string => {
  const scopes = fields.list('scope').flatMap((text) => text.split(' ').filter((part) => part !== ''));
  if (scopes.length === 0) throw refuse.missingParameter('scope');
  if (scopes.some((scope) => !SCOPES.has(scope))) throw refuse.invalidValue('scope');
  return [...new Set(scopes)].join(' ');
};
