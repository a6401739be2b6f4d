import { type Call, fakeOf, refused } from '../fake.ts';

/** A vendor that wants its keys with every request, and remembers users. `key` can be changed: the old one dies at once. */
export const basicKeysFake = () => {
  const account = { clientId: 'client-1', key: 'first-key' };
  const users = new Map<string, string>();
  const { fetch, calls } = fakeOf(({ route, method, headers, body, url }) => {
    if (headers.get('authorization') !== `Basic ${btoa(`${account.clientId}:${account.key}`)}`) return refused(401, 'unauthorized');
    if (route === 'POST /users') return createUser(body);
    if (route === 'GET /status') return Response.json({ ok: true });
    if (route === 'GET /premium') return refused(403, 'plan');
    const [, id = ''] = /^\/users\/([\w-]+)/.exec(url.pathname) ?? [];
    if (!users.has(id)) return refused(404, 'unknown');
    if (method === 'DELETE') users.delete(id);
    return method === 'DELETE' ? new Response(null, { status: 204 }) : Response.json({ user: { guid: id } });
  });

  const createUser = (body: string): Response => {
    const { user }: { user: { id: string } } = JSON.parse(body);
    if ([...users.values()].includes(user.id)) return refused(409, 'taken');
    const guid = `USR-${users.size + 1}`;
    users.set(guid, user.id);
    return Response.json({ user: { guid, id: user.id } });
  };

  return { fetch, account, calls: calls satisfies readonly Call[] };
};
