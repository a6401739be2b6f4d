import type { Clock } from '@auth/core';
import { CompactSign, exportSPKI, type GenerateKeyPairResult, generateKeyPair, type JWTPayload, jwtVerify } from 'jose';
import { expiringMap } from '../expiring-map.ts';

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
  /** Ends a live JWT of this issuer; any other text is left alone. */
  readonly revoke: (token: string) => Promise<void>;
  readonly revokeAll: () => void;
  /** PEM. */
  readonly publicKey: () => Promise<string>;
  readonly reset: () => void;
}

/** RS256 JWTs, signed with a key pair of 2048 bits that is made on first use. */
export const jwtIssuer = (clock: Clock): JwtIssuer => {
  let keys: Promise<GenerateKeyPairResult> | undefined;
  /** Kept for as long as they would live. */
  const revoked = expiringMap<true>({ clock });
  /** Seconds: a JWT from before is dead. */
  let notBefore = 0;

  const keyPair = (): Promise<GenerateKeyPairResult> => {
    keys ??= generateKeyPair('RS256', { modulusLength: 2048 });
    return keys;
  };
  const second = (): number => Math.floor(clock.now() / 1000);

  const verify = async (token: string): Promise<JWTPayload | undefined> => {
    if (keys === undefined || revoked.get(token)) return undefined;
    const { publicKey } = await keys;
    try {
      const { payload } = await jwtVerify(token, publicKey, { algorithms: ['RS256'], currentDate: new Date(clock.now()) });
      return payload.iat === undefined || payload.iat < notBefore ? undefined : payload;
    } catch {
      return undefined;
    }
  };

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
    verify,
    revoke: async (token) => {
      const claims = await verify(token);
      if (claims !== undefined) revoked.set(token, true, claims.exp === undefined ? null : claims.exp * 1000);
    },
    revokeAll: () => {
      notBefore = Math.max(second(), notBefore) + 1;
      revoked.clear();
    },
    publicKey: async () => exportSPKI((await keyPair()).publicKey),
    reset: () => {
      keys = undefined;
      revoked.clear();
      notBefore = 0;
    },
  };
};
