import type { Authority, CallOptions, Token } from '../authority.ts';
import type { AuthError } from '../errors.ts';
import type { ApiPromise } from '../provider.ts';
import { errorsOf } from './errors-of.ts';
import type { HttpRequest, Query } from './http.ts';
import type { Vendor } from './vendor.ts';

/** On whose behalf: an authority renews a refused token once, a token is sent as it is. */
export interface BearerOptions extends CallOptions {
  readonly as: Authority | Token;
}

/** A function of a vendor's `api`: the ids that its path needs first, then objects with parameters and options. */
type AnyOperation = (...given: never) => ApiPromise<unknown>;

/** Everything that the objects of an operation may hold, as one object. */
type Given<F extends AnyOperation> = Merged<Extract<NonNullable<Parameters<F>[number]>, object>>;
type Merged<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void ? All : never;

/** What an operation was called with, without the options that every operation has. */
type ValuesOf<F extends AnyOperation> = Omit<Given<F>, keyof BearerOptions>;

/** Whether the operation needs a token follows from its type, and a row that says something else does not compile. */
type TokenOf<F extends AnyOperation> =
  Given<F> extends { readonly as: unknown }
    ? { readonly token?: undefined }
    : 'as' extends keyof Given<F>
      ? { readonly token: 'optional' }
      : { readonly token: 'none' };

/** A path with at least one id in braces for each text that the function takes first: an id left out would ask for everything. */
type PathOf<Given extends readonly unknown[]> = Given extends readonly [infer First, ...infer Rest]
  ? First extends object
    ? string
    : `${string}{${string}}${PathOf<Rest>}`
  : string;

/** Parameters that travel: each by its own name, or as `[name on the wire, name]`. */
type Names<V> = readonly ((keyof V & string) | readonly [wire: string, name: keyof V & string])[];

/** One operation of a vendor, as data. */
export interface Operation<T, V = never> {
  readonly method: HttpRequest<T>['method'];
  /** Below the base URL, with ids in braces: `users/{userId}/accounts`. The function takes one text for each, in this order. */
  readonly path: string;
  /** Default: the call must say `as`. `none`: it never carries a token. */
  readonly token?: 'optional' | 'none' | undefined;
  /** What goes into the query. Nothing else of what was passed does. */
  readonly query?: Names<V> | ((values: V) => Query) | undefined;
  /** What goes into a JSON body. A function turns units and names into the vendor's; what it throws becomes the rejection. */
  readonly json?: Names<V> | ((values: V, operation: string) => Readonly<Record<string, unknown>>) | undefined;
  /** What goes into a form, as the token endpoints of OAuth take it. */
  readonly form?: Names<V> | ((values: V, operation: string) => Readonly<Record<string, string | undefined>>) | undefined;
  /** `false` if a second identical call would have a further effect. Default `true`. */
  readonly idempotent?: boolean | ((values: V) => boolean) | undefined;
  /** Reads the parsed body, `null` for an empty one. */
  readonly answer: (body: unknown, values: V, ids: Readonly<Record<string, string>>) => T;
}

/** A row for each operation of `Api`. */
export type OperationTable<Api> = {
  readonly [K in keyof Api]: Api[K] extends AnyOperation
    ? Operation<Awaited<ReturnType<Api[K]>>, ValuesOf<Api[K]>> & TokenOf<Api[K]> & { readonly path: PathOf<Parameters<Api[K]>> }
    : never;
};

/** The name of a parameter of any operation. */
type NameIn<Api> = { [K in keyof Api]: Api[K] extends AnyOperation ? keyof ValuesOf<Api[K]> : never }[keyof Api];

/** What the rows of a table share. */
export interface OperationsOptions<Api = unknown> {
  /**
   * How to check an id, by its name in braces: returns the id, or throws. What it returns is percent-encoded. An id without a check of its
   * own may be anything but empty or dots, which would make another path.
   */
  readonly ids?: Readonly<Record<string, (id: string, operation: string) => string>> | undefined;
  /** Parameters that need not be passed, such as the client's id. They travel only where a row names them. */
  readonly known?: Partial<Record<NameIn<Api> & string, unknown>> | undefined;
}

/**
 * Makes a vendor's `api` from a table. A missing operation or a misspelt parameter does not compile. Errors carry the operation's name:
 * `api.getUser`. A wrong id rejects with what its check throws, before anything is sent.
 *
 * @example
 * ```ts
 * import * as v from 'valibot';
 *
 * interface AcmeApi {
 *   readonly getUser: (userId: string, options: BearerOptions) => ApiPromise<{ readonly id: string }>;
 * }
 * const table: OperationTable<AcmeApi> = {
 *   getUser: { method: 'GET', path: 'users/{userId}', answer: parser(v.object({ id: v.string() })) },
 * };
 * const api = operations<AcmeApi>(vendor, table);
 * ```
 */
export const operations = <Api extends { readonly [K in keyof Api]: AnyOperation }>(
  vendor: Pick<Vendor, 'id' | 'http'>,
  table: OperationTable<Api>,
  options: OperationsOptions<Api> = {},
): Api => {
  const rows = Object.entries<Operation<unknown>>(table);
  for (const name of Object.keys(options.ids ?? {}))
    if (!rows.some(([, { path }]) => path.includes(`{${name}}`)))
      throw new TypeError(`No path has the id {${name}}: its check would never run.`);
  // A function for each member of the interface, because the table has a row for each.
  return Object.fromEntries(rows.map(([name, row]) => [name, operationOf(vendor, `api.${name}`, row, options)])) as unknown as Api;
};

const operationOf = (
  { id: provider, http }: Pick<Vendor, 'id' | 'http'>,
  operation: string,
  { method, path, token, query, json, form, idempotent, answer }: Operation<unknown>,
  { ids: checks = {}, known = {} }: OperationsOptions,
): ((...given: readonly unknown[]) => ApiPromise<unknown>) => {
  const fail = errorsOf(provider);
  const refuse = (message: string): AuthError => fail('invalid_request', operation, `${message} Nothing was sent.`);
  const names = [...path.matchAll(BRACES)].map(([, name = '']) => name);

  const checked = (name: string, given: unknown): string => {
    // From JavaScript: `undefined` would be asked for by this name, and an array of one passes for its member.
    if (typeof given !== 'string' && typeof given !== 'number') throw refuse(`The ${name} is missing or is not a string.`);
    const id = String(given);
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check) return encodeURIComponent(check(id, operation));
    if (/^\.{0,2}$|\p{Surrogate}/u.test(id)) throw refuse(`The ${name} is empty, consists of dots or is not Unicode.`);
    return encodeURIComponent(id);
  };

  return (...given) => {
    const ids = Object.fromEntries(names.map((name, index) => [name, given[index]]));
    const objects = given.slice(names.length);
    // Parameters may come from somebody else's request, so only the options, which are last, say who asks and for how long.
    const { as, signal } = (objects.at(-1) ?? {}) as Partial<BearerOptions>; // its type is the interface's
    // A parameter that is undefined counts as left out, and what is among the options does not replace a parameter.
    const passed = objects.reverse().flatMap((each) => Object.entries(each ?? {}).filter(([, value]) => value !== undefined));
    const { as: _, signal: __, ...values }: Values = { ...known, ...Object.fromEntries(passed) };
    return http.request({
      operation,
      method,
      path: () => {
        // Ids first: where one is left out, the options stand in its place.
        const address = path.replace(BRACES, (_, name: string) => checked(name, ids[name]));
        if (token === undefined && (as === undefined || as === null))
          throw refuse('This operation needs a token: pass an authority or a token in `as`.');
        // From JavaScript: credentials that are left out would cost an attempt.
        if (token === 'none' && (json ?? form) && !objects[0]) throw refuse('The parameters are missing.');
        return address;
      },
      query: query && (() => travelling(query, values, operation)),
      json: json && (() => travelling(json, values, operation)),
      form: form && (() => travelling(form, values, operation)),
      as: token === 'none' ? undefined : (as ?? undefined),
      signal,
      idempotent: typeof idempotent === 'function' ? idempotent(values as never) : idempotent,
      parse: (body) => answer(body, values as never, textsOf(ids)),
    });
  };
};

const textsOf = (ids: Values): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, String(id)]));

const BRACES = /\{([^{}]+)\}/g;

type Values = Readonly<Record<string, unknown>>;

/** What a row lets travel. The types of the values are those of the interface. */
const travelling = <Made>(row: Names<never> | ((values: never, operation: string) => Made), values: Values, operation: string): Made =>
  typeof row === 'function'
    ? row(values as never, operation)
    : (Object.fromEntries(
        row.map((one: string | readonly [string, string]) => (typeof one === 'string' ? [one, values[one]] : [one[0], values[one[1]]])),
      ) as Made);
