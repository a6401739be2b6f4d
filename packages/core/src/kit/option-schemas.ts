import * as v from 'valibot';
import type { OptionsSchema } from '../option-fields.ts';
import { ownMembers } from '../own-members.ts';
import { type OptionRule, RUNTIME_RULES } from '../runtime-options.ts';
import type { Store } from '../store.ts';
import { didYouMean, mustBeOneOf } from '../suggestion.ts';
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
export const optionsSchema = (entries: v.ObjectEntries): OptionsSchema => {
  const runtime = Object.fromEntries(Object.entries(RUNTIME_RULES).map(([name, rule]) => [name, v.optional(ruled(rule))]));
  // The provider's own come first in a message, and count, because it may require what is optional elsewhere.
  const all: v.ObjectEntries = { ...entries, baseUrl: v.optional(urlOption), ...runtime, ...entries };
  const names = Object.keys(all);
  // Without a prototype, because valibot loops over inherited members too.
  return v.strictObject(ownMembers(all), ({ expected, path }) => {
    if (expected !== 'never') return 'is missing';
    return `is not an option${didYouMean(String(path?.at(-1)?.key), names) || `, the options are ${names.join(', ')}`}`;
  });
};

const ruled = ({ fits, must }: OptionRule): v.GenericSchema<unknown> => v.custom<unknown>(fits, () => must());

/** A store, for providers that cannot do without one. */
export const storeOption: v.GenericSchema<Store> = v.custom<Store>(RUNTIME_RULES.store.fits, RUNTIME_RULES.store.must());

/** One of these. */
export const choiceOption = <const Choice extends string>(...choices: readonly [Choice, ...Choice[]]): v.GenericSchema<Choice> =>
  v.picklist(choices, ({ input }) => mustBeOneOf(choices, input));

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
