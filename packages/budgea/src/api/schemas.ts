import { parser } from '@auth/core/kit';
import * as v from 'valibot';
import { type Expandable, withExpanded } from './expand.ts';
import type { ExpandOptions } from './parameters.ts';
import { parisTime } from './paris-time.ts';

/** What fits into a header. The runtime's error about a token that does not fit would quote it. */
const TOKEN = /^[\x21-\x7e]+$/;
/** Whether a token fits into a header. */
export const isToken = (value: string): boolean => TOKEN.test(value);

const secret = v.pipe(v.string(), v.regex(TOKEN));
const id = v.pipe(v.number(), v.integer(), v.minValue(1), v.transform(String));
const seconds = v.nullish(v.number(), null);
/** The lifetime of temporary users, in seconds. */
const TEMPORARY = 1800;

/** A user without a name, and the first token. */
export interface AnonymousUser {
  readonly authToken: string;
  readonly type: 'temporary' | 'permanent';
  /** Older generations of the API leave it out. */
  readonly idUser: string | null;
  /** Seconds, `null` for a permanent token. */
  readonly expiresIn: number | null;
}

/** The body of an answer to `createAnonymousUser`. */
export const parseAnonymousUser: (body: unknown) => AnonymousUser = parser(
  v.pipe(
    v.object({ auth_token: secret, type: v.picklist(['temporary', 'permanent']), id_user: v.nullish(id, null), expires_in: seconds }),
    v.transform(({ type, ...body }) => ({
      authToken: body.auth_token,
      type,
      idUser: body.id_user,
      // Documented for every temporary token, but not required.
      expiresIn: body.expires_in ?? (type === 'temporary' ? TEMPORARY : null),
    })),
  ),
);

/** A permanent token, made from a code or for a user id. */
export interface AccessToken {
  readonly accessToken: string;
  readonly tokenType: string;
}

/** The body of an answer to `exchangeCode` and `renewToken`. */
export const parseAccessToken: (body: unknown) => AccessToken = parser(
  v.pipe(
    v.object({ access_token: secret, token_type: v.pipe(v.string(), v.regex(/^bearer$/i)) }),
    v.transform((body) => ({ accessToken: body.access_token, tokenType: body.token_type })),
  ),
);

/** A user's JWT. */
export interface UserJwt {
  readonly jwtToken: string;
  /** Seconds from its issue to its expiry, `null` if the payload lacks either. */
  readonly lifetime: number | null;
}

/** The administrator's JWT. */
export interface ManageJwt {
  readonly jwtToken: string;
  /** Seconds from its issue to its expiry, `null` if the payload lacks either. */
  readonly lifetime: number | null;
}

const jwt = v.pipe(
  v.object({ jwt_token: secret, payload: v.object({ iat: v.nullish(v.number()), exp: v.nullish(v.number()) }) }),
  v.transform(({ jwt_token, payload: { iat, exp } }) => ({
    jwtToken: jwt_token,
    lifetime: exp == null || iat == null ? null : exp - iat,
  })),
);

/** The body of an answer to `createUserJwt`. */
export const parseUserJwt: (body: unknown) => UserJwt = parser(jwt);

/** The body of an answer to `createManageJwt`. */
export const parseManageJwt: (body: unknown) => ManageJwt = parser(jwt);

/** A short-lived code. */
export interface UserCode {
  readonly code: string;
  /** Seconds. */
  readonly expiresIn: number;
  /** Older generations of the API leave it out. */
  readonly access: 'single' | 'standard' | null;
}

/** The body of an answer to `createCode`. */
export const parseUserCode: (body: unknown) => UserCode = parser(
  v.pipe(
    v.object({ code: secret, expires_in: v.number(), access: v.nullish(v.picklist(['single', 'standard']), null) }),
    v.transform((body) => ({ code: body.code, expiresIn: body.expires_in, access: body.access })),
  ),
);

/** A token of the product itself. */
export interface ServiceToken {
  readonly token: string;
  /** The scopes as granted, separated by spaces. Of the two sources that document this answer, one leaves it out. */
  readonly scope: string | null;
}

/** The body of an answer to `createServiceToken`. */
export const parseServiceToken: (body: unknown) => ServiceToken = parser(
  v.pipe(
    v.object({
      token: secret,
      scope: v.nullish(
        v.union([
          v.string(),
          v.pipe(
            v.array(v.string()),
            v.transform((scopes) => scopes.join(' ')),
          ),
        ]),
        null,
      ),
    }),
    v.transform(({ token, scope }) => ({ token, scope })),
  ),
);

/** Another permanent token of a user. */
export interface UserToken {
  readonly token: string;
}

/** The body of an answer to `createUserToken`. */
export const parseUserToken: (body: unknown) => UserToken = parser(v.object({ token: secret }));

/** A user as Budgea describes it. */
export interface BudgeaUser extends Expandable {
  readonly id: string;
  /** When the user was created, in epoch milliseconds, `null` if it could not be read. */
  readonly signin: number | null;
  /** How the user was created; older generations of the API only. */
  readonly platform: string | null;
}

const user = v.pipe(
  v.object({ id, signin: v.nullish(v.string(), ''), platform: v.nullish(v.string(), null) }),
  v.transform((body) => ({ id: body.id, signin: parisTime(body.signin), platform: body.platform })),
);

/** The body of an answer to `getUser`. */
export const parseUser: (body: unknown, options: ExpandOptions) => BudgeaUser = withExpanded(parser(user));

/** Users, and how many there are in all. */
export interface BudgeaUserList {
  readonly users: readonly BudgeaUser[];
  /** `null` if the vendor does not say. */
  readonly total: number | null;
}

const userList = parser(v.object({ users: v.array(v.unknown()), total: v.nullish(v.number(), null) }));

/** The body of an answer to `getUsers`. */
export const parseUserList = (body: unknown, options: ExpandOptions): BudgeaUserList => {
  const { users, total } = userList(body);
  return { users: users.map((each) => parseUser(each, options)), total };
};

/** For a deletion: older generations return the user, newer ones nothing. */
export const parseDeletedUser: (body: unknown, options: ExpandOptions) => BudgeaUser | null = withExpanded(parser(v.nullable(user)));

/** For operations whose answer says nothing. */
export const parseNothing = (): void => {};
