import { AuthError, type AuthProvider, authorizedFetch, supports } from '@auth/core';
import type { Connection } from '../../connections.ts';
import { vendors } from '../../vendors.ts';
import type { AppContext, Routes } from '../context.ts';
import { callbackFailure } from '../pages/callback.ts';
import { connectPage, type Visited } from '../pages/connect.ts';
import { failurePage, problemPage } from '../pages/problem.ts';
import type { Product } from '../product.ts';
import type { AppUser } from '../users.ts';

const AGAIN = { label: 'Back to the users', href: '/connect' };

/** Users, their way to the vendor's page and back, their connections, and their end. */
export const connectRoutes: Routes = (app, product) => {
  app.get('/connect', async (c) => {
    const user = chosenUser(product, c.req.query('user'));
    return connectPage(c, product, user && (await visited(product, user)));
  });

  app.post('/connect/users', (c) =>
    withUsers(c, product, async (provider) => {
      const reference = c.get('form')['reference']?.trim() ?? '';
      if (!/^[\w.-]{6,64}$/.test(reference)) return badReference(c, product);
      const { id } = await provider.users.create({ reference });
      return leave(c, product, provider, product.users.add(product.scope(), reference, id));
    }),
  );

  app.post('/connect', (c) =>
    withUsers(c, product, async (provider) => {
      const { user: id, connection } = c.get('form');
      const user = chosenUser(product, id);
      return user === undefined ? noUser(c, product) : leave(c, product, provider, user, connection);
    }),
  );

  app.get('/callback', async (c) => {
    const session = c.get('session');
    const { pending } = session;
    const provider = product.provider();
    if (pending === undefined || pending.provider !== provider.id || !supports(provider, 'connect'))
      return callbackFailure(c, product, undefined);
    try {
      const { userId } = await provider.connect.complete(c.req.url, pending.session);
      session.pending = undefined;
      // May differ from the one that started.
      product.users.update(pending.userId, userId);
      session.notice = 'The bank is connected.';
      return c.redirect(`/connect?user=${pending.userId}`, 303);
    } catch (error) {
      // A callback that somebody made up must not end the visit that is still under way.
      const isOver = product.clock.now() >= pending.session.expiresAt;
      if (isOver || !AuthError.is(error, 'state_mismatch')) session.pending = undefined;
      return callbackFailure(c, product, error, pending);
    }
  });

  app.post('/connect/disconnect', (c) =>
    withUsers(c, product, async (provider) => {
      const user = chosenUser(product, c.get('form')['user']);
      if (user === undefined) return noUser(c, product);
      const connections = await connectionsOf(product, user).catch(() => []);
      const { existed } = await provider.users.delete(user.vendorUserId);
      product.users.remove(user.id);
      c.get('session').notice = removed(product, user, existed, connections);
      return c.redirect('/connect', 303);
    }),
  );
};

/** Does what needs users and a page to connect at, and shows what the vendor refused. */
const withUsers = async (
  c: AppContext,
  product: Product,
  run: (provider: AuthProvider<'users' | 'connect'>) => Promise<Response>,
): Promise<Response> => {
  const provider = product.provider();
  if (!supports(provider, 'users', 'connect')) return c.redirect('/connect', 303);
  try {
    return await run(provider);
  } catch (error) {
    return failurePage(c, product, error, AGAIN);
  }
};

/** To the vendor's page. What is needed when the browser is back stays here. */
const leave = async (
  c: AppContext,
  product: Product,
  provider: AuthProvider<'connect'>,
  user: AppUser,
  connectionId?: string,
): Promise<Response> => {
  const redirectUri = new URL('/callback', c.req.url).href;
  const session = await provider.connect.start({ userId: user.vendorUserId, redirectUri, connectionId: connectionId || undefined });
  c.get('session').pending = { provider: product.provider().id, userId: user.id, session };
  return c.redirect(session.url, 303);
};

const chosenUser = (product: Product, id: string | undefined): AppUser | undefined =>
  id === undefined ? undefined : product.users.find(product.scope(), Number(id));

const visited = async (product: Product, user: AppUser): Promise<Visited> => {
  try {
    return { user, connections: await connectionsOf(product, user) };
  } catch (error) {
    return { user, error };
  }
};

/** The data endpoints are the vendor's own: the table knows them, the authorised `fetch` does the rest. */
const connectionsOf = async (product: Product, { vendorUserId }: AppUser): Promise<readonly Connection[]> => {
  const provider = product.provider();
  const { connectionsPath, readConnections, nameBank } = vendors[provider.id];
  const authority = provider.asUser(vendorUserId);
  const response = await authorizedFetch(authority, { throwHttpErrors: true })(connectionsPath(vendorUserId));
  const connections = await response
    .json()
    .then(readConnections)
    .catch(() => {
      // The error of a parser contains what was parsed: somebody's accounts.
      throw new AuthError('The vendor answered the question for connections in an unknown form.', {
        code: 'invalid_response',
        provider: provider.id,
        operation: 'connections',
        status: response.status,
      });
    });
  // A bank that the vendor no longer knows has no name, which is not a failure.
  const fetch = authorizedFetch(authority);
  return Promise.all(connections.map(async (connection) => ({ ...connection, bank: await nameBank(connection.bank, fetch) })));
};

const removed = (product: Product, { reference }: AppUser, existed: boolean, connections: readonly Connection[]): string => {
  const { name } = vendors[product.provider().id];
  const accounts = connections.reduce((sum, connection) => sum + connection.accounts.length, 0);
  return existed
    ? `Removed ${reference}: the user at ${name} with ${some(connections.length, 'connected bank')} and ${some(accounts, 'account')}, what was stored for the user, and the row in our table.`
    : `${reference} was gone at ${name} already. Removed the row in our table and what was stored for the user.`;
};

const some = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const badReference = (c: AppContext, product: Product): Promise<Response> =>
  problemPage(c, product, {
    status: 400,
    title: 'This name does not work',
    happened: 'A name of a user has 6 to 64 letters, digits, dots, dashes and underscores. Nothing was created.',
    advice: 'Choose another name.',
    action: AGAIN,
  });

const noUser = (c: AppContext, product: Product): Promise<Response> =>
  problemPage(c, product, {
    status: 404,
    title: 'There is no such user',
    happened: 'The user is not in the table of this vendor. Somebody may have switched the vendor, or disconnected the user.',
    advice: 'Choose a user from the list, or create one.',
    action: AGAIN,
  });
