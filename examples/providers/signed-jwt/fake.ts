import type { Clock } from '@auth/core';
import { exportPKCS8, generateKeyPair, jwtVerify } from 'jose';
import { fakeOf, refused } from '../fake.ts';

/** A vendor that checks JWTs against the public key of one application, by its own clock, which may be ahead by `skew`. */
export const signedJwtFake = async (clock: Clock, { skew = 0 }: { readonly skew?: number } = {}) => {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const revoked = new Set<string>();
  const seen = new Set<string>();

  const check = async (jwt: string): Promise<string | undefined> => {
    if (revoked.has(jwt)) return 'REVOKED_TOKEN';
    try {
      const currentDate = new Date(clock.now() + skew);
      const { payload, protectedHeader } = await jwtVerify(jwt, publicKey, {
        audience: 'api.vendor.example',
        issuer: 'app-1',
        currentDate,
      });
      if (protectedHeader.kid !== 'app-1') return 'UNKNOWN_APPLICATION';
      const { iat = 0, exp = 0 } = payload;
      if (iat * 1000 > currentDate.getTime()) return 'NOT_YET_VALID';
      return exp - iat > 86_400 ? 'INVALID_TOKEN' : undefined;
    } catch (error) {
      return error instanceof Error && error.name === 'JWTExpired' ? 'EXPIRED_TOKEN' : 'INVALID_TOKEN';
    }
  };

  const { fetch, calls } = fakeOf(async ({ headers, route }) => {
    const jwt = (headers.get('authorization') ?? '').replace(/^Bearer /, '');
    const problem = await check(jwt);
    const date = new Date(clock.now() + skew).toUTCString();
    seen.add(jwt);
    if (problem !== undefined) return Response.json({ error: problem }, { status: 401, headers: { date } });
    if (route === 'GET /premium') return refused(401, 'PLAN');
    return Response.json({ ok: true }, { headers: { date } });
  });

  return {
    fetch,
    calls,
    privateKey: await exportPKCS8(privateKey),
    /** Every token that came so far is refused from now on. */
    refuseTokens: () => {
      for (const jwt of seen) revoked.add(jwt);
    },
    tokens: () => seen.size,
  };
};
