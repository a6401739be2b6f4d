import { readFields } from './fields.ts';
import { type Authentication, authorize } from './request.ts';
import type { Routes } from './routes.ts';

/** Minutes. */
const DURATION = '1';

/** What the manage token is for: JWTs that stand for it. */
export const adminRoutes = (routes: Routes, options: Authentication): void => {
  const { manageJwts, refuse } = options;

  routes('/admin/jwt', {
    POST: async (c) => {
      const identity = await authorize(c.req.raw, options, ['manager']);
      // Assumption: a manage JWT cannot make others.
      if (identity.kind !== 'manager' || identity.by === 'JWT') throw refuse.forbidden();
      const fields = await readFields(c.req.raw, refuse);
      const duration = fields.text('duration') || DURATION;
      // So many digits that the end stays a number.
      if (!/^\d{1,9}$/.test(duration)) throw refuse.invalidValue('duration');
      const { host } = new URL(c.req.url);
      const { token, claims } = await manageJwts.sign({ host, scope: fields.text('scope') || 'config', duration: Number(duration) });
      return c.json({ jwt_token: token, payload: claims });
    },
  });
};
