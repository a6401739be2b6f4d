import type { Clock, Fetch } from '@auth/core';

// TODO: make this answer as the vendor's documentation says: the call for a token, the refusals of secrets and tokens, one call for data. Note
// where each fact is documented. Or replace it by an emulator in packages/sandbox.

/** The vendor, as far as the tests need it. */
export interface AcmeFake {
  readonly fetch: Fetch;
  readonly clientSecret: string;
  /** Every token that was made so far is refused from now on. */
  readonly endTokens: () => void;
}

const HOUR = 3_600_000;

/** A vendor with nothing in it, which tells the time by this clock. */
export const acmeFake = (clock: Clock): AcmeFake => {
  const clientSecret = 'the-secret-of-the-fake';
  const tokens = new Map<string, number>();
  let count = 0;

  const createToken = (body: unknown): Response => {
    const secret = typeof body === 'object' && body !== null ? Reflect.get(body, 'client_secret') : undefined;
    if (secret !== clientSecret) return Response.json({ error: 'invalid_client' }, { status: 401 });
    count += 1;
    const token = `token-number-${count}-of-the-fake`;
    tokens.set(token, clock.now() + HOUR);
    return Response.json({ access_token: token, expires_in: HOUR / 1000 });
  };

  const data = (authorization: string | null): Response => {
    const until = tokens.get((authorization ?? '').replace(/^Bearer /, ''));
    if (until === undefined || until <= clock.now()) return Response.json({ error: 'invalid_token' }, { status: 401 });
    return Response.json({ accounts: [] });
  };

  return {
    clientSecret,
    endTokens: () => tokens.clear(),
    fetch: async (input, init) => {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      const { pathname } = new URL(request.url);
      return pathname === '/token' ? createToken(await request.json()) : data(request.headers.get('authorization'));
    },
  };
};
