import { AuthError } from './errors.ts';
import { ownMembers } from './own-members.ts';
import { ruleOf } from './runtime-options.ts';
import { didYouMean, mustBeOneOf } from './suggestion.ts';

/** One option of a provider, as a settings page, a command line and an environment show it. */
export interface Field {
  /** The option's name. */
  readonly name: string;
  /** The environment variable that holds it. */
  readonly variable: string;
  readonly label: string;
  /** Whether it must never be shown. */
  readonly secret: boolean;
  readonly required: boolean;
  /** The allowed values; empty for free text. */
  readonly choices: readonly string[];
}

/** The part of Standard Schema that is used, so valibot, zod and arktype all fit. Must be synchronous. */
export interface OptionsSchema {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    /** Returns `{ value }` or `{ issues }`, synchronously. */
    readonly validate: (value: unknown) => unknown;
  };
}

/** What is needed to check options: every plugin is one. */
export interface OptionsContract {
  readonly id: string;
  readonly fields: readonly Field[];
  readonly schema: OptionsSchema;
}

/**
 * The options as a copy of their own members: what is inherited, or was put on `Object.prototype`, is not an option. Throws one `misconfigured`
 * that names every wrong option and its variable, but no value.
 */
export const checkedOptions = ({ id, fields, schema }: OptionsContract, given: unknown): object => {
  const form = `${id}({ ${fields.flatMap(({ name, required }) => (required ? [name] : [])).join(', ')} })`;
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw misconfigured(id, `The options of ${id} must be an object: ${form}.`);
  if (given instanceof Promise) throw misconfigured(id, `The options of ${id} are a promise. Await it first.`);
  const options: Readonly<Record<string, unknown>> = ownMembers({ ...given });
  const result = schema['~standard'].validate(options);
  if (result instanceof Promise) throw misconfigured(id, `The options schema of ${id} is asynchronous. Use a synchronous one.`);
  const issues = isRecord(result) && Array.isArray(result['issues']) ? result['issues'] : [];
  const problems = new Map<string, string>();
  for (const issue of issues) {
    const name = optionOf(issue);
    if (!problems.has(name)) problems.set(name, problem(name, options[name], issue, fields));
  }
  if (problems.size === 0) return options;
  throw misconfigured(id, `The options of ${id} are not valid: ${[...problems.values()].join('; ')}.`);
};

const misconfigured = (provider: string, message: string): AuthError =>
  new AuthError(message, { code: 'misconfigured', provider, operation: 'options' });

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

/** The option that an issue is about; empty if the schema does not say. */
const optionOf = (issue: unknown): string => {
  const [first]: readonly unknown[] = isRecord(issue) && Array.isArray(issue['path']) ? issue['path'] : [];
  return String(isRecord(first) ? first['key'] : (first ?? ''));
};

const problem = (name: string, value: unknown, issue: unknown, fields: readonly Field[]): string => {
  const field = fields.find((candidate) => candidate.name === name);
  const called = field ? `${name} (${field.variable})` : name || 'an option';
  if (field?.required && (value === undefined || value === '')) return `${called} is missing`;
  // In our own words, which say nothing of the value: a message of the schema may quote it.
  if (field && field.choices.length > 0) return `${called} ${mustBeOneOf(field.choices, value)}`;
  const rule = ruleOf(name);
  if (rule && !rule.fits(value)) return `${called} ${value === undefined ? 'is missing, it ' : ''}${rule.must()}`;
  const message = isRecord(issue) && typeof issue['message'] === 'string' ? issue['message'] : '';
  const isQuoted = textsIn(value).some((text) =>
    field ? quotes(message.toLowerCase(), text.toLowerCase()) || (field.secret && quotesPart(message, text)) : quotes(message, text),
  );
  // What begins like the rest of a sentence is one, as the kit's messages are.
  const isSaid = message !== '' && !isQuoted && name !== '' && (field || /^[a-z]/.test(message));
  if (isSaid) return `${called} ${message}`;
  if (field) return `${called} is not valid`;
  const names = fields.map((known) => known.name);
  return `${called} is not valid${didYouMean(name, names) || `, the options are ${names.join(', ')}`}`;
};

/** The strings in a value, which may hold a secret: `{ SecretString: … }`. */
const textsIn = (value: unknown, depth = 3): readonly string[] => {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  return depth > 0 && isRecord(value) ? Object.values(value).flatMap((member) => textsIn(member, depth - 1)) : [];
};

/** The shortest piece of a secret that counts as a quotation, in characters. */
const PART = 6;

const quotesPart = (message: string, text: string): boolean =>
  Array.from({ length: Math.max(0, text.length - PART + 1) }, (_, start) => text.slice(start, start + PART)).some((part) =>
    message.includes(part),
  );

/**
 * Whether the message may quote the text, as schema libraries like to: as it is, or trimmed. Only as a whole word: `test` is no quotation in
 * `testing`.
 */
const quotes = (message: string, given: string): boolean => {
  const text = given.trim();
  if (text === '') return false;
  for (let at = message.indexOf(text); at >= 0; at = message.indexOf(text, at + 1))
    if (!/\w/.test(message.charAt(at - 1)) && !/\w/.test(message.charAt(at + text.length))) return true;
  return false;
};
