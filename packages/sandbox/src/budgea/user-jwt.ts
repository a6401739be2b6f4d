import { decodeJwt } from 'jose';
import * as v from 'valibot';
import type { BudgeaProfile } from './errors.ts';
import type { JwtIssuer, Signed } from './jwt.ts';

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
export interface UserJwts {
  readonly sign: (user: {
    readonly id: number;
    readonly client: ClientKeys;
    readonly host: string;
    readonly scope: string;
    readonly expires: boolean;
  }) => Promise<Signed<UserClaims>>;
  /** The user's id, or `undefined` for what is not a live JWT of this sandbox. */
  readonly verify: (token: string) => Promise<number | undefined>;
  /** Ends a live JWT; any other text is left alone. */
  readonly revoke: (token: string) => Promise<void>;
}

/** A client application as an issuer. */
export interface ClientKeys {
  readonly id: number;
  readonly issuer: JwtIssuer;
}

/** The vendor announced a change of the spelling in 2019. Assumption: it has taken place. */
const TYPES: Readonly<Record<BudgeaProfile, string>> = { '2019': 'shared_access', powens: 'sharedAccess' };

const verified = v.object({ id_user: v.number() });

/** How user JWTs are made. */
export interface UserJwtOptions {
  readonly profile: BudgeaProfile;
  /** The issuer that a client has, as long as there is such a client and it owns keys. */
  readonly issuerOf: (clientId: number) => JwtIssuer | undefined;
  /** Milliseconds. */
  readonly lifetime: () => number;
}

/** The JWTs that stand for a user, signed with the keys of the client that asked for them. */
export const userJwts = ({ profile, issuerOf, lifetime }: UserJwtOptions): UserJwts => {
  const issuerFor = (token: string): JwtIssuer | undefined => {
    try {
      return issuerOf(Number(decodeJwt(token).iss));
    } catch {
      return undefined;
    }
  };
  return {
    sign: ({ id, client, host, scope, expires }) =>
      client.issuer.sign((iat) => ({
        id_user: id,
        aud: host,
        iss: client.id,
        ...(expires && { exp: iat + Math.floor(lifetime() / 1000) }),
        scope,
        iat,
        type: TYPES[profile],
      })),
    verify: async (token) => {
      const claims = v.safeParse(verified, await issuerFor(token)?.verify(token));
      return claims.success ? claims.output.id_user : undefined;
    },
    revoke: async (token) => {
      await issuerFor(token)?.revoke(token);
    },
  };
};
