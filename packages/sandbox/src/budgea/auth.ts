import type { Context } from 'hono';
import type { ClientApplications } from './client-applications.ts';
import { checkGrantType, clientOfFields, clientOfRequest } from './client-credentials.ts';
import type { BudgeaProfile } from './errors.ts';
import { type Fields, readFields } from './fields.ts';
import type { PfmLogin } from './pfm-login.ts';
import { type Authentication, authenticate, bearer } from './request.ts';
import type { Routes } from './routes.ts';
import { requestedScope } from './service-tokens.ts';
import { type BudgeaUser, type Grant, TEMPORARY_LIFETIME } from './state.ts';

const EXPIRES_IN = TEMPORARY_LIFETIME / 1000;

/** What the routes under `/auth` work with. */
export interface AuthRouteOptions extends Authentication {
  readonly clients: ClientApplications;
  readonly login: PfmLogin;
  readonly profile: BudgeaProfile;
  readonly singleUseCodes: boolean;
  /** Ends a token of any kind. */
  readonly endToken: (token: string) => Promise<void>;
}

/** Everything below `/auth`: where users, their tokens and codes come from, and where tokens end. */
export const authRoutes = (routes: Routes, options: AuthRouteOptions): void => {
  routes('/auth/init', { POST: (c) => createUser(c, options) });
  routes('/auth/token/access', { POST: (c) => exchangeCode(c, options) });
  // The reference says GET, an older guide POST.
  const code = (c: Context): Promise<Response> => createCode(c, options);
  routes('/auth/token/code', { GET: code, POST: code });
  routes('/auth/token', {
    POST: async (c) => {
      const fields = await fieldsOf(c, options);
      return c.json(options.profile === '2019' ? options.login.answer(fields) : createServiceToken(fields, options));
    },
    DELETE: async (c) => {
      await authenticate(c.req.raw, options);
      await options.endToken(bearer(c.req.raw) ?? '');
      return c.body(null, options.profile === '2019' ? 200 : 204);
    },
  });
  routes('/auth/jwt', { POST: (c) => createJwt(c, options) });
  routes('/auth/renew', { POST: (c) => renewToken(c, options) });
};

const fieldsOf = ({ req }: Context, { refuse }: AuthRouteOptions): Promise<Fields> => readFields(req.raw, refuse);

const createUser = async (c: Context, options: AuthRouteOptions): Promise<Response> => {
  const { state, profile } = options;
  const permanent = isTrusted(c.req.raw, await fieldsOf(c, options), options);
  const user = state.createUser({ anonymous: !permanent });
  const type = permanent ? 'permanent' : 'temporary';
  // Documented as null or absent for a permanent token; one profile has the one, the other the other.
  const expiry = permanent ? profile === 'powens' && { expires_in: null } : { expires_in: EXPIRES_IN };
  return c.json({ auth_token: state.issue(type, user), type, id_user: user.id, ...expiry });
};

/** Assumptions: one of two client credentials is a missing parameter, and a Bearer token that is not the manage token is refused. */
const isTrusted = (request: Request, fields: Fields, options: AuthRouteOptions): boolean => {
  if (fields.text('client_id') !== undefined || fields.text('client_secret') !== undefined) {
    clientOfFields(fields, options);
    return true;
  }
  const token = bearer(request);
  if (token !== undefined && token !== options.manageToken) throw options.refuse.badToken();
  return token !== undefined;
};

const exchangeCode = async (c: Context, options: AuthRouteOptions): Promise<Response> => {
  const { state, refuse } = options;
  const fields = await fieldsOf(c, options);
  clientOfRequest(c.req.raw, fields, options);
  const code = fields.required('code');
  checkGrantType(fields, 'authorization_code', refuse);
  const grant = state.grant(code);
  const user = grant === undefined || grant.kind === 'permanent' ? undefined : state.user(grant.userId);
  if (grant === undefined || user === undefined) throw refuse.badCode();
  if (isForOther(grant, fields.text('redirect_uri') ?? '')) throw refuse.invalidValue('redirect_uri');
  if (endsWithExchange(grant, options)) state.revoke(code);
  return c.json({ access_token: state.issue('permanent', user), token_type: 'Bearer' });
};

/** Assumptions: a redirect URI that is left out is not missed, and a wrong one does not use the code up. */
const isForOther = ({ redirectUri }: Grant, given: string): boolean => redirectUri !== undefined && given !== '' && given !== redirectUri;

/** The exchange ends a temporary token and a code for one use in any case. */
const endsWithExchange = ({ kind }: Grant, { singleUseCodes }: AuthRouteOptions): boolean => kind !== 'code' || singleUseCodes;

const createCode = async (c: Context, options: AuthRouteOptions): Promise<Response> => {
  const { state, refuse, profile } = options;
  const user = await authenticate(c.req.raw, options);
  const inBody = c.req.method === 'POST' ? (await fieldsOf(c, options)).text('type') : undefined;
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

const createServiceToken = (fields: Fields, options: AuthRouteOptions): object => {
  const { refuse, serviceTokens } = options;
  clientOfFields(fields, options);
  checkGrantType(fields, 'client_credentials', refuse);
  const scope = requestedScope(fields, refuse);
  return { token: serviceTokens.issue(scope), scope };
};

const createJwt = async (c: Context, options: AuthRouteOptions): Promise<Response> => {
  const { state, jwts, refuse } = options;
  const fields = await fieldsOf(c, options);
  const { id: clientId, issuer } = clientOfFields(fields, options);
  // Assumption: a client without keys is refused with this of the vendor's codes.
  if (issuer === undefined) throw refuse.config();
  const expires = fields.flag('expire') ?? true;
  const scope = fields.text('scope') ?? '';
  const idUser = fields.text('id_user') ?? '';
  const user = idUser === '' ? state.createUser({ anonymous: false }) : existingUser(idUser, options);
  if (!expires) state.keep(user);
  const { host } = new URL(c.req.url);
  const { token, claims } = await jwts.sign({ id: user.id, client: { id: clientId, issuer }, host, scope, expires });
  return c.json({ jwt_token: token, payload: claims });
};

const renewToken = async (c: Context, options: AuthRouteOptions): Promise<Response> => {
  const { state, refuse } = options;
  const fields = await fieldsOf(c, options);
  clientOfFields(fields, options);
  checkGrantType(fields, 'client_credentials', refuse);
  const revokePrevious = fields.flag('revoke_previous') ?? false;
  const user = existingUser(fields.required('id_user'), options);
  if (revokePrevious) state.revokePermanent(user.id);
  return c.json({ access_token: state.issue('permanent', user), token_type: 'Bearer' });
};

const existingUser = (idUser: string, { state, refuse }: AuthRouteOptions): BudgeaUser => {
  if (!/^\d+$/.test(idUser)) throw refuse.invalidValue('id_user');
  const user = state.user(Number(idUser));
  // Assumption: no source tells how an unknown id is refused.
  if (user === undefined) throw refuse.notFound();
  return user;
};
