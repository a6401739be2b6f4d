import * as v from 'valibot';
import type { OptionsSchema } from '../option-fields.ts';
import type { Store } from '../store.ts';
import type { SecretSource } from './secret-source.ts';

/**
 * The schema of a provider's options: its own entries, and those that every provider has. Unknown options are errors, because
 * most of them are misspelt. Messages complete the sentence `partnerId (FINICITY_PARTNER_ID) …`.
 *
 * @example
 * ```ts
 * const schema: OptionsSchema = optionsSchema({ clientId: textOption(/^\d+$/, 'must be digits'), clientSecret: secretOption });
 * ```
 */
export const optionsSchema = (entries: v.ObjectEntries): OptionsSchema =>
  v.strictObject({
    ...entries,
    baseUrl: v.optional(urlOption),
    store: v.optional(storeOption),
    tenant: v.optional(v.pipe(v.string('must be a string'), v.nonEmpty('must not be empty'))),
    clock: v.optional(v.custom(hasFunctions('now', 'monotonic', 'after'), 'must be a clock, with now, monotonic and after')),
    whenStoreIsDown: v.optional(v.picklist(['serve', 'refuse'], 'must be serve or refuse')),
    waitUntil: v.optional(v.custom(isFunction, 'must be a function')),
    observe: v.optional(v.custom(isFunction, 'must be a function')),
    fetch: v.optional(v.custom(isFunction, 'must be a function')),
    // Again, because a provider may require what is optional elsewhere.
    ...entries,
  });

/** A store, for providers that cannot do without one. */
export const storeOption: v.GenericSchema<Store> = v.custom<Store>(
  (input) => hasFunctions('read', 'write')(input),
  'must be a store, with read and write',
);

/** A string of this form. */
export const textOption = (pattern: RegExp, message: string): v.GenericSchema<string> =>
  v.pipe(v.string(message), v.regex(pattern, message));

/** A secret, or a function that returns it. */
export const secretOption: v.GenericSchema<SecretSource> = v.custom<SecretSource>(
  (input) => isFunction(input) || (typeof input === 'string' && input.trim() !== ''),
  'must be a string that is not blank, or a function that returns one',
);

/** A URL of the vendor. */
export const urlOption: v.GenericSchema<string> = v.pipe(
  v.string('must be a string'),
  v.check((text) => isBaseUrl(text), 'must be an https URL without query, fragment or credentials; http is for loopback only'),
);

/** A base URL as the contract requires it: ending in a slash. */
export const normalizedBaseUrl = (baseUrl: string): string => {
  const { href } = new URL(baseUrl);
  return href.endsWith('/') ? href : `${href}/`;
};

const isBaseUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const isSafe = protocol === 'https:' || (protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname));
  return isSafe && `${username}${password}` === '' && !/[?#]/.test(text);
};

const isFunction = (input: unknown): boolean => typeof input === 'function';

const hasFunctions =
  (...names: readonly string[]) =>
  (input: unknown): boolean =>
    typeof input === 'object' && input !== null && names.every((name) => isFunction(Reflect.get(input, name)));
