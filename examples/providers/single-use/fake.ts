import type { Clock } from '@auth/core';
import { type Asked, fakeOf, refused } from '../fake.ts';

interface Grant {
  readonly connectionId: string;
  isSpent: boolean;
}

/** A vendor whose codes and refresh tokens work once, and whose connections end when one is used twice. Tokens live for a day. */
export const singleUseFake = (clock: Clock) => {
  const codes = new Map<string, Grant>();
  const refreshTokens = new Map<string, Grant>();
  const accessTokens = new Map<string, { readonly connectionId: string; readonly until: number }>();
  let count = 0;
  let keepsRefreshToken = false;

  const answerFor = (connectionId: string, renewsGrant: boolean): Response => {
    count += 1;
    accessTokens.set(`access-${count}`, { connectionId, until: clock.now() + 86_400_000 });
    if (renewsGrant) refreshTokens.set(`refresh-${count}`, { connectionId, isSpent: false });
    const refreshToken = renewsGrant ? { refresh_token: `refresh-${count}` } : {};
    return Response.json({ access_token: `access-${count}`, expires_in: 86_400, connection_id: connectionId, ...refreshToken });
  };

  const token = (form: URLSearchParams): Response => {
    if (form.get('client_id') !== 'client-1' || form.get('client_secret') !== 'the-secret') return refused(401, 'invalid_client');
    const isCode = form.get('grant_type') === 'authorization_code';
    const grant = isCode ? codes.get(form.get('code') ?? '') : refreshTokens.get(form.get('refresh_token') ?? '');
    if (grant === undefined || grant.isSpent) return refused(400, 'invalid_grant');
    grant.isSpent = isCode || !keepsRefreshToken;
    return answerFor(grant.connectionId, grant.isSpent);
  };

  const { fetch, calls } = fakeOf(({ route, headers, body }: Asked) => {
    if (route === 'POST /token') return token(new URLSearchParams(body));
    const value = (headers.get('authorization') ?? '').replace(/^Bearer /, '');
    const access = accessTokens.get(value);
    if (access === undefined || access.until <= clock.now()) return refused(401, 'invalid_token');
    if (route === 'POST /revoke') return new Response(null, { status: accessTokens.delete(value) ? 204 : 404 });
    return route === 'GET /premium' ? refused(401, 'plan') : Response.json({ connection: access.connectionId });
  });

  return {
    fetch,
    calls,
    /** What the bank's page does when the user agrees: the callback that the browser is sent to. */
    approve: (sessionUrl: string): string => {
      const { searchParams } = new URL(sessionUrl);
      const connectionId = `connection-${codes.size + 1}`;
      codes.set(`code-${connectionId}`, { connectionId, isSpent: false });
      return `${searchParams.get('redirect_uri')}?code=code-${connectionId}&state=${searchParams.get('state')}`;
    },
    deny: (sessionUrl: string): string => {
      const { searchParams } = new URL(sessionUrl);
      return `${searchParams.get('redirect_uri')}?error=access_denied&state=${searchParams.get('state')}`;
    },
    refuseTokens: () => accessTokens.clear(),
    /** From now on the answers have no refresh token, and the old one stays good. */
    keepRefreshTokens: () => {
      keepsRefreshToken = true;
    },
    tokenCalls: () => calls.filter(({ path }) => path === '/token').length,
  };
};
