import type { Clock } from '@auth/core';
import { CompactSign, type GenerateKeyPairResult, generateKeyPair, jwtVerify } from 'jose';
import * as v from 'valibot';
import type { BudgeaProfile } from './errors.ts';

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

export interface UserJwts {
  readonly sign: (user: {
    readonly id: number;
    readonly host: string;
    readonly scope: string;
    readonly expires: boolean;
  }) => Promise<{ readonly token: string; readonly claims: UserClaims }>;
  /** The user's id, or `undefined` for what is not a live JWT of this sandbox. */
  readonly verify: (token: string) => Promise<number | undefined>;
  readonly revoke: (token: string) => void;
  readonly revokeAll: () => void;
  readonly reset: () => void;
}

/** The vendor announced a change of the spelling in 2019. Assumption: it has taken place. */
const TYPES: Readonly<Record<BudgeaProfile, string>> = { '2019': 'shared_access', powens: 'sharedAccess' };

const verified = v.object({ id_user: v.number(), iat: v.number() });

export interface UserJwtOptions {
  readonly clock: Clock;
  readonly profile: BudgeaProfile;
  readonly clientId: string;
  /** Milliseconds. */
  readonly lifetime: number;
}

/** RS256 JWTs, signed with a key pair of 2048 bits that is made on first use. */
export const userJwts = ({ clock, profile, clientId, lifetime }: UserJwtOptions): UserJwts => {
  let keys: Promise<GenerateKeyPairResult> | undefined;
  let revoked: ReadonlySet<string> = new Set();
  /** Seconds: a JWT from before is dead. */
  let notBefore = 0;

  const keyPair = (): Promise<GenerateKeyPairResult> => {
    keys ??= generateKeyPair('RS256', { modulusLength: 2048 });
    return keys;
  };
  const second = (): number => Math.floor(clock.now() / 1000);

  return {
    sign: async ({ id, host, scope, expires }) => {
      // Equal claims give an equal signature: right after `revokeAll` a JWT is dated up to a second ahead, or it would be one of the dead ones again.
      const iat = Math.max(second(), notBefore);
      const claims: UserClaims = {
        id_user: id,
        aud: host,
        iss: Number(clientId),
        ...(expires && { exp: iat + Math.floor(lifetime / 1000) }),
        scope,
        iat,
        type: TYPES[profile],
      };
      const { privateKey } = await keyPair();
      // `SignJWT` insists on an `iss` that is a string.
      const token = await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
        .sign(privateKey);
      return { token, claims };
    },
    verify: async (token) => {
      if (keys === undefined || revoked.has(token)) return undefined;
      const { publicKey } = await keys;
      try {
        const { payload } = await jwtVerify(token, publicKey, { algorithms: ['RS256'], currentDate: new Date(clock.now()) });
        const { id_user, iat } = v.parse(verified, payload);
        return iat < notBefore ? undefined : id_user;
      } catch {
        return undefined;
      }
    },
    revoke: (token) => {
      revoked = new Set([...revoked, token]);
    },
    revokeAll: () => {
      notBefore = Math.max(second(), notBefore) + 1;
    },
    reset: () => {
      keys = undefined;
      revoked = new Set();
      notBefore = 0;
    },
  };
};
