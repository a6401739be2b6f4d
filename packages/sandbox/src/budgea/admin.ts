import { type Authentication, authenticateManager, readFields } from './request.ts';
import type { Routes } from './routes.ts';

/** What the routes of the administrator work with. */
export interface AdminRouteOptions extends Authentication {
  readonly domain: string;
  readonly clientId: string;
}

/** Minutes. */
const DURATION = '1';

/** What the manage token is for: JWTs that stand for it, and a look at the client application. */
export const adminRoutes = (routes: Routes, options: AdminRouteOptions): void => {
  const { manageJwts, refuse, domain, clientId } = options;

  routes('/admin/jwt', {
    POST: async (c) => {
      // Assumption: a manage JWT cannot make others.
      await authenticateManager(c.req.raw, { ...options, accepts: 'token' });
      const fields = await readFields(c.req.raw, refuse);
      const duration = fields.text('duration') || DURATION;
      // So many digits that the end stays a number.
      if (!/^\d{1,9}$/.test(duration)) throw refuse.invalidValue('duration');
      const { host } = new URL(c.req.url);
      const { token, claims } = await manageJwts.sign({ host, scope: fields.text('scope') || 'config', duration: Number(duration) });
      return c.json({ jwt_token: token, payload: claims });
    },
  });

  routes('/clients/:id', {
    GET: async (c) => {
      await authenticateManager(c.req.raw, { ...options, accepts: 'token or JWT' });
      const id = c.req.param('id') ?? '';
      if (!/^\d+$/.test(id)) throw refuse.invalidValue('id_client');
      // Assumption: another's id is as unknown as one that does not exist.
      if (Number(id) !== Number(clientId)) throw refuse.notFound();
      // The vendor shows the secret to whoever holds the manage token. A sandbox need not.
      return c.json({ id: Number(clientId), name: domain, redirect_uris: '', pro: false });
    },
  });
};
