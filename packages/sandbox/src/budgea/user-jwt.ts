import type { Clock } from '@auth/core';
import * as v from 'valibot';
import type { BudgeaProfile } from './errors.ts';
import { type JwtIssuer, jwtIssuer, type Signed } from './jwt.ts';

/** What a user's JWT says, in the order of the vendor's example. */
interface UserClaims {
  readonly id_user: number;
  /** Host and port of the API. */
  readonly aud: string;
  /** The client id as a number, which RFC 7519 does not allow. */
  readonly iss: number;
  /** Absent from a JWT that does not expire. */
  readonly exp?: number;
  readonly scope: string;
  readonly iat: number;
  readonly type: string;
}

/** The user JWTs of a sandbox. */
export interface UserJwts extends Pick<JwtIssuer, 'revoke' | 'revokeAll' | 'reset'> {
  readonly sign: (user: {
    readonly id: number;
    readonly host: string;
    readonly scope: string;
    readonly expires: boolean;
  }) => Promise<Signed<UserClaims>>;
  /** The user's id, or `undefined` for what is not a live JWT of this sandbox. */
  readonly verify: (token: string) => Promise<number | undefined>;
}

/** The vendor announced a change of the spelling in 2019. Assumption: it has taken place. */
const TYPES: Readonly<Record<BudgeaProfile, string>> = { '2019': 'shared_access', powens: 'sharedAccess' };

const verified = v.object({ id_user: v.number() });

/** How user JWTs are made. */
export interface UserJwtOptions {
  readonly clock: Clock;
  readonly profile: BudgeaProfile;
  readonly clientId: string;
  /** Milliseconds. */
  readonly lifetime: number;
}

/** The JWTs that stand for a user. */
export const userJwts = ({ clock, profile, clientId, lifetime }: UserJwtOptions): UserJwts => {
  const { sign, verify, revoke, revokeAll, reset } = jwtIssuer(clock);
  return {
    sign: ({ id, host, scope, expires }) =>
      sign((iat) => ({
        id_user: id,
        aud: host,
        iss: Number(clientId),
        ...(expires && { exp: iat + Math.floor(lifetime / 1000) }),
        scope,
        iat,
        type: TYPES[profile],
      })),
    verify: async (token) => {
      const claims = v.safeParse(verified, await verify(token));
      return claims.success ? claims.output.id_user : undefined;
    },
    revoke,
    revokeAll,
    reset,
  };
};
