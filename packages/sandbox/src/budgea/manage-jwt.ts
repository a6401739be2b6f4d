import type { Clock } from '@auth/core';
import { type JwtIssuer, jwtIssuer, type Signed } from './jwt.ts';

/** What a manage JWT says, in the order of the vendor's example. */
interface ManageClaims {
  readonly iat: number;
  readonly type: string;
  /** Host and port of the API. */
  readonly aud: string;
  /** Absent from a JWT that does not expire. */
  readonly exp?: number;
  readonly scope: string;
}

/** The manage JWTs of a sandbox. */
export interface ManageJwts extends Pick<JwtIssuer, 'revoke' | 'revokeAll' | 'reset'> {
  /** `duration` in minutes, 0 for ever. */
  readonly sign: (jwt: { readonly host: string; readonly scope: string; readonly duration: number }) => Promise<Signed<ManageClaims>>;
  /** Whether it is a live JWT of this sandbox. */
  readonly verify: (token: string) => Promise<boolean>;
}

/** The JWTs that stand for the manage token for a while. Assumption: their keys are the server's, not those of users' JWTs. */
export const manageJwts = (clock: Clock): ManageJwts => {
  const { sign, verify, revoke, revokeAll, reset } = jwtIssuer(clock);
  return {
    sign: ({ host, scope, duration }) =>
      sign((iat) => ({ iat, type: 'manage_token', aud: host, ...(duration > 0 && { exp: iat + duration * 60 }), scope })),
    verify: async (token) => (await verify(token)) !== undefined,
    revoke,
    revokeAll,
    reset,
  };
};
