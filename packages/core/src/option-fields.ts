import { AuthError } from './errors.ts';

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

/** Throws one `misconfigured` that names every wrong option and its variable, but no value. Does nothing if all options are valid. */
export const checkOptions = ({ id, fields, schema }: OptionsContract, options: unknown): void => {
  const result = schema['~standard'].validate(options);
  if (result instanceof Promise) throw misconfigured(id, `The options schema of ${id} is asynchronous. Use a synchronous one.`);
  const issues = isRecord(result) && Array.isArray(result['issues']) ? result['issues'] : [];
  const problems = new Map<string, string>();
  for (const issue of issues) {
    const name = optionOf(issue);
    if (!problems.has(name)) problems.set(name, problem(name, isRecord(options) ? options[name] : undefined, issue, fields));
  }
  if (problems.size === 0) return;
  throw misconfigured(id, `The options of ${id} are not valid: ${[...problems.values()].join('; ')}.`);
};

const misconfigured = (provider: string, message: string): AuthError =>
  new AuthError(message, { code: 'misconfigured', provider, operation: 'options' });

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

const optionOf = (issue: unknown): string => {
  const [first]: readonly unknown[] = isRecord(issue) && Array.isArray(issue['path']) ? issue['path'] : [];
  return String(isRecord(first) ? first['key'] : (first ?? 'options'));
};

const problem = (name: string, value: unknown, issue: unknown, fields: readonly Field[]): string => {
  const field = fields.find((candidate) => candidate.name === name);
  const called = field ? `${name} (${field.variable})` : name;
  if (value === undefined || value === '') return `${called} is missing`;
  const message = isRecord(issue) && typeof issue['message'] === 'string' ? issue['message'] : '';
  return field && message !== '' && !quotes(message, value) && !(field.secret && quotesPart(message, value))
    ? `${called} ${message}`
    : `${called} is not valid${field ? '' : `, the options are ${fields.map((known) => known.name).join(', ')}`}`;
};

/** The shortest piece of a secret that counts as a quotation, in characters. */
const PART = 6;

const quotesPart = (message: string, value: unknown): boolean => {
  const text = String(value);
  return (
    typeof value === 'string' &&
    Array.from({ length: text.length }, (_, start) => text.slice(start, start + PART)).some(
      (part) => part.length === PART && message.includes(part),
    )
  );
};

/** Whether the message may quote the value, as schema libraries like to: as it is, trimmed, or in another case. */
const quotes = (message: string, value: unknown): boolean => {
  const text = String(value).trim().toLowerCase();
  return typeof value === 'object' || (text !== '' && message.toLowerCase().includes(text));
};
