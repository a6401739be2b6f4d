import * as v from 'valibot';
import { parseJsonObject, readBody } from '../body.ts';
import type { Refusals } from './errors.ts';
import type { ManageJwts } from './manage-jwt.ts';
import type { ServiceTokens } from './service-tokens.ts';
import type { BudgeaState, BudgeaUser } from './state.ts';
import type { UserJwts } from './user-jwt.ts';

/** The fields of a body as text, however it was encoded. */
export interface Fields {
  readonly text: (name: string) => string | undefined;
  /** Refuses with `missingParameter` what is left out or empty. */
  readonly required: (name: string) => string;
  /** `true`, `false`, `1` or `0`; refuses others with `invalidValue`. */
  readonly flag: (name: string) => boolean | undefined;
  /** A list in JSON, or what the form has under the name; a single value is a list of one. */
  readonly list: (name: string) => readonly string[];
  /** Everything that was sent. */
  readonly all: () => ReadonlyMap<string, string>;
}

/** JSON values that fit a form field. */
const scalar = v.nullable(v.union([v.string(), v.number(), v.boolean()]));

/** Reads JSON, urlencoded and multipart bodies; a body without content has no fields. */
export const readFields = async (request: Request, refuse: Refusals): Promise<Fields> => {
  const bytes = await readBody(request);
  if (bytes === undefined) throw refuse.badBody();
  const values = await parse(request.headers.get('content-type') ?? '', bytes, refuse);

  const textOf = (name: string, unknownValue: unknown): string | undefined => {
    const value = v.safeParse(scalar, unknownValue ?? null);
    if (!value.success) throw refuse.invalidValue(name);
    return value.output === null ? undefined : String(value.output);
  };
  // Of several values in a form the last one counts.
  const text = (name: string): string | undefined => textOf(name, values.get(name)?.at(-1));
  const list = (name: string): readonly string[] =>
    (values.get(name) ?? [])
      .flatMap((value: unknown) => value)
      .map((value) => textOf(name, value))
      .filter((value) => value !== undefined);
  return {
    text,
    required: (name) => {
      const value = text(name);
      if (value === undefined || value === '') throw refuse.missingParameter(name);
      return value;
    },
    flag: (name) => {
      const value = text(name)?.toLowerCase();
      if (value === undefined || value === '') return undefined;
      if (value === 'true' || value === '1') return true;
      if (value === 'false' || value === '0') return false;
      throw refuse.invalidValue(name);
    },
    list,
    all: () => new Map([...values.keys()].flatMap((name) => (text(name) === undefined ? [] : [[name, text(name) ?? '']]))),
  };
};

/** Every value of each name: a form can have several, JSON has one, which can be a list. */
type Values = ReadonlyMap<string, readonly unknown[]>;

const parse = async (contentType: string, bytes: Uint8Array<ArrayBuffer>, refuse: Refusals): Promise<Values> => {
  if (bytes.byteLength === 0) return new Map();
  if (/\bjson\b/i.test(contentType)) {
    const values = parseJsonObject(new TextDecoder().decode(bytes));
    if (values === undefined) throw refuse.badBody();
    return new Map(Object.entries(values).map(([name, value]) => [name, [value]]));
  }
  try {
    // The platform knows both form encodings, and rejects anything else.
    const form = await new Response(bytes, { headers: { 'content-type': contentType } }).formData();
    return grouped(form);
  } catch {
    throw refuse.badBody();
  }
};

/** In one pass: to ask a form for each of its names again would take the square of its length. */
const grouped = (form: Iterable<readonly [name: string, value: unknown]>): Values => {
  const values = new Map<string, unknown[]>();
  for (const [name, value] of form) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return values;
};

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
