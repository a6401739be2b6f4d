import { AuthError } from '@auth/core';
import type { HttpRequest } from '@auth/core/kit';
import { selectorRefusal } from './user-id.ts';

/** Where a request goes, and what is in its body. */
export type Target = Pick<HttpRequest<unknown>, 'operation' | 'path' | 'json'>;

/** A part of a path that a caller gave. */
export interface PathPart {
  readonly text: string;
  readonly refusal: AuthError | undefined;
}

/** Joins the parts. A part that could lead to another path is refused when the body is made, before anything is sent. */
export const targetOf = (operation: string, parts: readonly (string | PathPart)[], json?: HttpRequest<unknown>['json']): Target => {
  const refusal = parts.map((part) => (typeof part === 'string' ? undefined : part.refusal)).find((found) => found !== undefined);
  const refuse = (): never => {
    throw refusal;
  };
  const path = parts.map((part) => (typeof part === 'string' ? part : encodeURIComponent(part.text))).join('/');
  const body = refusal === undefined ? json : refuse;
  return { operation, path, ...(body && { json: body }) };
};

/** The user in a path: digits, `me` or `all`. */
export const userPart = (selector: string, operation: string): PathPart => ({
  text: selector,
  refusal: selectorRefusal(selector, operation),
});

/** The id of something other than a user. */
export const idPart = (id: string, what: string, operation: string): PathPart => ({
  text: id,
  refusal: /^[1-9]\d{0,15}$/.test(id) ? undefined : refused(`The id of a ${what} must consist of digits. Nothing was sent.`, operation),
});

/** The same for an id that does not go into a path. Throws if it is not an id. */
export const checkedId = (id: string, what: string, operation: string): string => {
  const { text, refusal } = idPart(id, what, operation);
  if (refusal !== undefined) throw refusal;
  return text;
};

/** A name that the vendor gives out, such as the type of a certificate. */
export const namePart = (name: string, what: string, operation: string): PathPart => ({
  text: name,
  refusal: /^\w[\w.-]{0,99}$/.test(name)
    ? undefined
    : refused(`The ${what} must be a name of letters, digits, underscores, dots and hyphens. Nothing was sent.`, operation),
});

const refused = (message: string, operation: string): AuthError =>
  new AuthError(message, { code: 'invalid_request', provider: 'budgea', operation });
