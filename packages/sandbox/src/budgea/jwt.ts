import type { Clock } from '@auth/core';
import { CompactSign, type GenerateKeyPairResult, generateKeyPair, type JWTPayload, jwtVerify } from 'jose';

/** A signed JWT, and what it says. */
export interface Signed<Claims> {
  readonly token: string;
  readonly claims: Claims;
}

/** One issuer of JWTs, with its own keys. */
export interface JwtIssuer {
  /** `claimsAt` gets the `iat` in seconds. */
  readonly sign: <Claims extends object>(claimsAt: (iat: number) => Claims) => Promise<Signed<Claims>>;
  /** What a live JWT of this issuer says, `undefined` for any other text. */
  readonly verify: (token: string) => Promise<JWTPayload | undefined>;
  readonly revoke: (token: string) => void;
  readonly revokeAll: () => void;
  readonly reset: () => void;
}

/** RS256 JWTs, signed with a key pair of 2048 bits that is made on first use. */
export const jwtIssuer = (clock: Clock): JwtIssuer => {
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
    sign: async (claimsAt) => {
      // Equal claims give an equal signature: right after `revokeAll` a JWT is dated up to a second ahead, or it would be one of the dead ones again.
      const claims = claimsAt(Math.max(second(), notBefore));
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
        return payload.iat === undefined || payload.iat < notBefore ? undefined : payload;
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
