import type { Refusals } from './errors.ts';
import type { ManageJwts } from './manage-jwt.ts';
import type { ServiceTokens } from './service-tokens.ts';
import type { BudgeaState, BudgeaUser } from './state.ts';
import type { UserJwts } from './user-jwt.ts';

/** The token of `Authorization: Bearer …`; a token without the scheme is not accepted. */
export const bearer = (request: Request): string | undefined => /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];

/** The client credentials of HTTP Basic, with the stray colon at the end that an old client of the vendor adds. */
export const basicCredentials = (request: Request): { readonly clientId: string; readonly clientSecret: string } | undefined => {
  const encoded = /^Basic +([\w+/]+=*)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [, clientId, clientSecret] = /^([^:]*):(.*?):?$/.exec(decode(encoded)) ?? [];
  return clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret };
};

const decode = (encoded: string): string => {
  try {
    return atob(encoded);
  } catch {
    return '';
  }
};

/** The keys of the vendor's console, beside the manage token. */
export interface BudgeaServerTokens {
  /** Lists users. */
  readonly usersToken: string;
  /** Reads and changes the configuration and the client applications. */
  readonly configToken: string;
}

/** What it takes to know who asks. */
export interface Authentication {
  readonly state: BudgeaState;
  readonly jwts: UserJwts;
  readonly manageJwts: ManageJwts;
  readonly serviceTokens: ServiceTokens;
  readonly manageToken: string;
  readonly serverTokens: BudgeaServerTokens;
  readonly refuse: Refusals;
}

/** Who asks: a user, or somebody with a token of the product's own server. */
export type Identity =
  | { readonly kind: 'user'; readonly user: BudgeaUser }
  /** Has the manage token or, as assumed, a manage JWT of any scope. */
  | { readonly kind: 'manager'; readonly by: 'token' | 'JWT' }
  /** Has the config token. */
  | { readonly kind: 'configurer' }
  /** Has the users token. */
  | { readonly kind: 'lister' }
  /** Has a service token. */
  | { readonly kind: 'service' };

/** Who a request's token stands for, if it is one of these. A code that is good for one call is used up by this. */
export const authorize = async (
  request: Request,
  options: Authentication,
  kinds: readonly Identity['kind'][] = ['user', 'manager', 'configurer', 'lister', 'service'],
): Promise<Identity> => {
  const value = bearer(request);
  if (value === undefined) throw options.refuse.missingToken();
  const identity = await identityOf(value, options);
  if (identity === undefined) throw options.refuse.badToken();
  if (!kinds.includes(identity.kind)) throw options.refuse.forbidden();
  return identity;
};

/** The user whom a request's token stands for. A code that is good for one call is used up by this. */
export const authenticate = async (request: Request, options: Authentication): Promise<BudgeaUser> => {
  const identity = await authorize(request, options, ['user']);
  if (identity.kind !== 'user') throw options.refuse.forbidden();
  return identity.user;
};

const identityOf = async (value: string, options: Authentication): Promise<Identity | undefined> => {
  const { manageJwts, serviceTokens, manageToken, serverTokens } = options;
  if (value === manageToken) return { kind: 'manager', by: 'token' };
  if (value === serverTokens.configToken) return { kind: 'configurer' };
  if (value === serverTokens.usersToken) return { kind: 'lister' };
  if (serviceTokens.scopeOf(value) !== undefined) return { kind: 'service' };
  const user = await userOf(value, options);
  if (user !== undefined) return { kind: 'user', user };
  return (await manageJwts.verify(value)) ? { kind: 'manager', by: 'JWT' } : undefined;
};

const userOf = async (value: string, { state, jwts }: Authentication): Promise<BudgeaUser | undefined> => {
  const grant = state.grant(value);
  if (grant?.kind === 'single') state.revoke(value);
  const userId = grant?.userId ?? (await jwts.verify(value));
  return userId === undefined ? undefined : state.user(userId);
};
