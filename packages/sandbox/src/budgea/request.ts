import * as v from 'valibot';
import { parseJsonObject, readBody } from '../body.ts';
import type { Refusals } from './errors.ts';
import type { ManageJwts } from './manage-jwt.ts';
import type { BudgeaState, BudgeaUser } from './state.ts';
import type { UserJwts } from './user-jwt.ts';

/** The fields of a body as text, however it was encoded. */
export interface Fields {
  readonly text: (name: string) => string | undefined;
  /** Refuses with `missingParameter` what is left out or empty. */
  readonly required: (name: string) => string;
  /** `true`, `false`, `1` or `0`; refuses others with `invalidValue`. */
  readonly flag: (name: string) => boolean | undefined;
}

/** JSON values that fit a form field. */
const scalar = v.nullable(v.union([v.string(), v.number(), v.boolean()]));
/** Reads JSON, urlencoded and multipart bodies; a body without content has no fields. */
export const readFields = async (request: Request, refuse: Refusals): Promise<Fields> => {
  const bytes = await readBody(request);
  if (bytes === undefined) throw refuse.badBody();
  const values = await parse(request.headers.get('content-type') ?? '', bytes, refuse);

  const text = (name: string): string | undefined => {
    const value = v.safeParse(scalar, values.get(name) ?? null);
    if (!value.success) throw refuse.invalidValue(name);
    return value.output === null ? undefined : String(value.output);
  };
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
  };
};

const parse = async (contentType: string, bytes: Uint8Array<ArrayBuffer>, refuse: Refusals): Promise<ReadonlyMap<string, unknown>> => {
  if (bytes.byteLength === 0) return new Map();
  if (/\bjson\b/i.test(contentType)) {
    const values = parseJsonObject(new TextDecoder().decode(bytes));
    if (values === undefined) throw refuse.badBody();
    return new Map(Object.entries(values));
  }
  try {
    // The platform knows both form encodings, and rejects anything else.
    return new Map(await new Response(bytes, { headers: { 'content-type': contentType } }).formData());
  } catch {
    throw refuse.badBody();
  }
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

/** What it takes to know who asks. */
export interface Authentication {
  readonly state: BudgeaState;
  readonly jwts: UserJwts;
  readonly manageJwts: ManageJwts;
  readonly manageToken: string;
  readonly refuse: Refusals;
}

/** The user whom a request's token stands for. A code that is good for one call is used up by this. */
export const authenticate = async (request: Request, options: Authentication): Promise<BudgeaUser> => {
  const { manageJwts, manageToken, refuse } = options;
  const value = bearer(request);
  if (value === undefined) throw refuse.missingToken();
  const user = await userOf(value, options);
  if (user !== undefined) return user;
  const isWrongKind = value === manageToken || (await manageJwts.verify(value));
  throw isWrongKind ? refuse.forbidden() : refuse.badToken();
};

/** Refuses a request that does not carry the manage token or, where that is accepted, a manage JWT. */
export const authenticateManager = async (
  request: Request,
  { accepts, ...options }: Authentication & { readonly accepts: 'token' | 'token or JWT' },
): Promise<void> => {
  const { manageJwts, manageToken, refuse } = options;
  const value = bearer(request);
  if (value === undefined) throw refuse.missingToken();
  if (value === manageToken) return;
  const isJwt = await manageJwts.verify(value);
  if (isJwt && accepts === 'token or JWT') return;
  const isWrongKind = isJwt || (await userOf(value, options)) !== undefined;
  throw isWrongKind ? refuse.forbidden() : refuse.badToken();
};

const userOf = async (value: string, { state, jwts }: Authentication): Promise<BudgeaUser | undefined> => {
  const grant = state.grant(value);
  if (grant?.kind === 'single') state.revoke(value);
  const userId = grant?.userId ?? (await jwts.verify(value));
  return userId === undefined ? undefined : state.user(userId);
};
