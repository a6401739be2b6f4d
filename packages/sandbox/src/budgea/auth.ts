import type { Context } from 'hono';
import type { BudgeaProfile } from './errors.ts';
import { type Authentication, authenticate, basicCredentials, bearer, type Fields, readFields } from './request.ts';
import type { Routes } from './routes.ts';
import type { BudgeaCredentials } from './sandbox.ts';
import { type BudgeaUser, TEMPORARY_LIFETIME } from './state.ts';

const EXPIRES_IN = TEMPORARY_LIFETIME / 1000;

/** What the routes under `/auth` work with. */
export interface AuthRouteOptions extends Authentication {
  readonly credentials: BudgeaCredentials;
  readonly profile: BudgeaProfile;
}

/** Everything below `/auth`: where users, their tokens and codes come from, and where tokens end. */
export const authRoutes = (routes: Routes, options: AuthRouteOptions): void => {
  const { state, jwts, refuse, credentials, profile } = options;
  const authenticated = ({ req }: Context): Promise<BudgeaUser> => authenticate(req.raw, options);
  const fieldsOf = ({ req }: Context): Promise<Fields> => readFields(req.raw, refuse);

  const checkClient = (clientId: string, clientSecret: string): void => {
    if (clientId !== credentials.clientId || clientSecret !== credentials.clientSecret) throw refuse.badClient();
  };
  const requireClient = (fields: Fields): void => checkClient(fields.required('client_id'), fields.required('client_secret'));

  const existingUser = (idUser: string): BudgeaUser => {
    if (!/^\d+$/.test(idUser)) throw refuse.invalidValue('id_user');
    const user = state.user(Number(idUser));
    // Assumption: no source tells how an unknown id is refused.
    if (user === undefined) throw refuse.notFound();
    return user;
  };

  /** Assumptions: one of two client credentials is a missing parameter, and a Bearer token that is not the manage token is refused. */
  const isTrusted = (request: Request, fields: Fields): boolean => {
    if (fields.text('client_id') !== undefined || fields.text('client_secret') !== undefined) {
      requireClient(fields);
      return true;
    }
    const token = bearer(request);
    if (token !== undefined && token !== credentials.manageToken) throw refuse.badToken();
    return token !== undefined;
  };

  const createCode = async (c: Context): Promise<Response> => {
    const user = await authenticated(c);
    const inBody = c.req.method === 'POST' ? (await fieldsOf(c)).text('type') : undefined;
    const type = c.req.query('type') ?? inBody ?? 'requestAccess';
    if (type !== 'requestAccess' && type !== 'singleAccess') throw refuse.invalidValue('type');
    const single = type === 'singleAccess';
    return c.json({
      code: state.issue(single ? 'single' : 'code', user),
      type: 'temporary',
      expires_in: EXPIRES_IN,
      ...(profile === 'powens' && { access: single ? 'single' : 'standard' }),
    });
  };

  routes('/auth/init', {
    POST: async (c) => {
      const permanent = isTrusted(c.req.raw, await fieldsOf(c));
      const user = state.createUser({ anonymous: !permanent });
      const type = permanent ? 'permanent' : 'temporary';
      // Documented as null or absent for a permanent token; one profile has the one, the other the other.
      const expiry = permanent ? profile === 'powens' && { expires_in: null } : { expires_in: EXPIRES_IN };
      return c.json({ auth_token: state.issue(type, user), type, id_user: user.id, ...expiry });
    },
  });

  routes('/auth/token/access', {
    POST: async (c) => {
      const fields = await fieldsOf(c);
      const basic = basicCredentials(c.req.raw);
      if (basic === undefined) requireClient(fields);
      else checkClient(basic.clientId, basic.clientSecret);
      const code = fields.required('code');
      if ((fields.text('grant_type') ?? 'authorization_code') !== 'authorization_code') throw refuse.invalidValue('grant_type');
      const grant = state.grant(code);
      const user = grant === undefined || grant.kind === 'permanent' ? undefined : state.user(grant.userId);
      if (user === undefined) throw refuse.badCode();
      state.revoke(code);
      return c.json({ access_token: state.issue('permanent', user), token_type: 'Bearer' });
    },
  });

  // The reference says GET, an older guide POST.
  routes('/auth/token/code', { GET: createCode, POST: createCode });

  routes('/auth/token', {
    DELETE: async (c) => {
      await authenticated(c);
      const token = bearer(c.req.raw) ?? '';
      state.revoke(token);
      jwts.revoke(token);
      return c.body(null, profile === '2019' ? 200 : 204);
    },
  });

  routes('/auth/jwt', {
    POST: async (c) => {
      const fields = await fieldsOf(c);
      requireClient(fields);
      const expires = fields.flag('expire') ?? true;
      const idUser = fields.text('id_user') ?? '';
      const user = idUser === '' ? state.createUser({ anonymous: false }) : existingUser(idUser);
      if (!expires) user.purgeAt = null;
      const { host } = new URL(c.req.url);
      const { token, claims } = await jwts.sign({ id: user.id, host, scope: fields.text('scope') ?? '', expires });
      return c.json({ jwt_token: token, payload: claims });
    },
  });

  routes('/auth/renew', {
    POST: async (c) => {
      const fields = await fieldsOf(c);
      requireClient(fields);
      if ((fields.text('grant_type') ?? 'client_credentials') !== 'client_credentials') throw refuse.invalidValue('grant_type');
      const revokePrevious = fields.flag('revoke_previous') ?? false;
      const user = existingUser(fields.required('id_user'));
      if (revokePrevious) state.revokePermanent(user.id);
      return c.json({ access_token: state.issue('permanent', user), token_type: 'Bearer' });
    },
  });
};
