import type { Clock, Fetch } from '@auth/core';

/** A vendor that has a bit of everything, in memory. */
export interface AcmeFake {
  readonly fetch: Fetch;
  readonly secret: string;
  readonly endTokens: () => void;
}

const LIFETIME = 3_600;

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, string>>;
  /** Whose token came with it: a user's, the application's (''), or none. */
  readonly bearer: string | undefined;
  readonly token: string;
}

type Route = (request: Asked, id: string) => Response;

export const acmeFake = (clock: Clock): AcmeFake => {
  const first = 'acmeSecret0123456789';
  let secret = first;
  const users = new Set<string>();
  const tokens = new Map<string, { readonly owner: string; readonly until: number }>();
  const codes = new Map<string, string>();

  const tokenFor = (owner: string): string => {
    const token = crypto.randomUUID();
    tokens.set(token, { owner, until: clock.monotonic() + LIFETIME * 1000 });
    return token;
  };
  const isAccepted = (body: Asked['body']): boolean => body['secret'] === secret;
  const asUser =
    (route: Route): Route =>
    (request, id) =>
      request.bearer ? route(request, id) : refusal(401, 'dead_token');
  const asApplication =
    (route: Route): Route =>
    (request, id) =>
      request.bearer === '' ? route(request, id) : refusal(401, 'dead_token');

  const routes: Readonly<Record<string, Route>> = {
    'POST token': ({ body }) => {
      if (!isAccepted(body)) return refusal(401, 'wrong_secret');
      if (body['user'] !== '' && !users.has(body['user'] ?? '')) return refusal(404, 'unknown');
      return Response.json({ token: tokenFor(body['user'] ?? ''), lifetime: LIFETIME });
    },
    'DELETE token': asUser(({ token }) => {
      tokens.delete(token);
      return new Response(null, { status: 204 });
    }),
    'PUT secret': ({ body }) => {
      if (!isAccepted(body)) return refusal(401, 'wrong_secret');
      secret = body['next'] ?? secret;
      return new Response(null, { status: 204 });
    },
    'POST users': asApplication(() => {
      const id = String(users.size + 101);
      users.add(id);
      return Response.json({ id });
    }),
    'GET users/': asApplication((_, id) => (users.has(id) ? Response.json({ id }) : refusal(404, 'unknown'))),
    'DELETE users/': asApplication((_, id) => (users.delete(id) ? new Response(null, { status: 204 }) : refusal(404, 'unknown'))),
    'GET status': asApplication(() => Response.json({})),
    'GET accounts': asUser(() => Response.json([])),
    'POST codes': asUser(({ bearer = '' }) => {
      const code = crypto.randomUUID();
      codes.set(code, bearer);
      return Response.json({ code, lifetime: 1_800 });
    }),
    'POST exchange': ({ body }) => {
      if (!isAccepted(body)) return refusal(401, 'wrong_secret');
      const user = codes.get(body['code'] ?? '');
      codes.delete(body['code'] ?? '');
      return user === undefined ? refusal(400, 'spent_code') : Response.json({ token: tokenFor(user), lifetime: LIFETIME, user });
    },
    'POST pages': asUser(({ body }) => {
      const back = new URLSearchParams({ back: body['redirectUri'] ?? '', state: body['state'] ?? '' });
      return Response.json({ url: `https://acme.example/v1/page?${back}` });
    }),
    'GET page': ({ query }) => {
      const outcome = query.get('decision') === 'approve' ? 'connection=7' : 'error=access_denied';
      return new Response(null, { status: 302, headers: { location: `${query.get('back')}?state=${query.get('state')}&${outcome}` } });
    },
  };

  return {
    secret: first,
    endTokens: () => tokens.clear(),
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const url = new URL(request.url);
      const path = url.pathname.replace(/^\/v1\//, '');
      const token = request.headers.get('authorization')?.replace('Bearer ', '') ?? '';
      const held = tokens.get(token);
      const bearer = held && clock.monotonic() < held.until ? held.owner : undefined;
      const body = request.method === 'POST' || request.method === 'PUT' ? JSON.parse((await request.text()) || '{}') : {};
      const [name = '', id = ''] = path.split(/(?<=^users\/)/);
      const route = routes[`${request.method} ${name}`] ?? (() => refusal(404, 'unknown'));
      return route({ method: request.method, path, query: url.searchParams, body, bearer, token }, id);
    },
  };
};

const refusal = (status: number, code: string): Response => Response.json({ code }, { status });
