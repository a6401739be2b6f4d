import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { type ArgsDef, parseArgs, renderUsage } from 'citty';
import type { BudgeaProfile } from '../budgea/errors.ts';
import type { FinicitySandboxOptions } from '../finicity/sandbox.ts';

/** Which plan of Finicity a sandbox emulates. */
export type FinicityPlan = NonNullable<FinicitySandboxOptions['plan']>;

/** The vendors that have a sandbox. */
export type VendorName = 'finicity' | 'budgea';

/** What the command line asks for. */
export interface ServeOptions {
  readonly vendors: readonly VendorName[];
  /** Of the first server, the next has the next one; 0 for free ones. */
  readonly port: number;
  readonly host: string;
  readonly profile: BudgeaProfile;
  readonly plan: FinicityPlan;
  readonly seed: string | undefined;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** The command line cannot be understood; the message says what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const VENDORS = ['finicity', 'budgea'] as const satisfies readonly VendorName[];
const CHOICES = [...VENDORS, 'all'] as const;
const PROFILES = ['2019', 'powens'] as const satisfies readonly BudgeaProfile[];
const PLANS = ['test', 'production'] as const satisfies readonly FinicityPlan[];

const words = {
  vendor: { type: 'positional', description: CHOICES.join(', '), default: 'all' },
  port: {
    type: 'string',
    description: 'Of the first server; the second has the next one. Without it free ones are taken',
    valueHint: 'number',
  },
  host: { type: 'string', description: 'Other hosts than this machine can reach a server on another address', default: '127.0.0.1' },
  profile: { type: 'string', description: 'Which documentation of Budgea to follow (Default: powens)', valueHint: PROFILES.join('|') },
  plan: { type: 'string', description: 'Which plan of Finicity to have (Default: test)', valueHint: PLANS.join('|') },
  seed: { type: 'string', description: 'Any text: the same credentials and tokens in every run', valueHint: 'text' },
  quiet: { type: 'boolean', description: 'No log of requests' },
  json: { type: 'boolean', description: 'A JSON object on each line' },
  help: { type: 'boolean', description: 'This text', alias: 'h' },
  version: { type: 'boolean', description: 'The version', alias: 'v' },
} as const satisfies ArgsDef;

const KNOWN: ReadonlySet<string> = new Set(['_', ...Object.keys(words), words.help.alias, words.version.alias]);

/** Throws `UsageError` for what is not known: the parser itself lets everything pass. */
export const readWords = (given: readonly string[]): ServeOptions | 'help' | 'version' => {
  const parsed = parseArgs<typeof words>([...given], words);
  if (parsed.help) return 'help';
  if (parsed.version) return 'version';
  const unknown = Object.keys(parsed).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) throw new UsageError(`There is no option ${unknown.length === 1 ? '-' : '--'}${unknown}.`);
  if (parsed._.length > 1) throw new UsageError(`One of ${CHOICES.join(', ')}, not ${parsed._.length} words.`);
  const choice = oneOf('The sandbox', parsed.vendor, CHOICES);
  const vendors = choice === 'all' ? VENDORS : [choice];
  const text = (name: 'port' | 'host' | 'profile' | 'plan' | 'seed'): string | undefined => textOf(name, parsed[name], given);
  const [profile, plan] = [text('profile'), text('plan')];
  if (choice === 'finicity' && profile !== undefined) throw new UsageError('--profile is for budgea.');
  if (choice === 'budgea' && plan !== undefined) throw new UsageError('--plan is for finicity.');
  return {
    vendors,
    port: portOf(text('port'), vendors.length),
    host: text('host') ?? words.host.default,
    profile: oneOf('--profile', profile ?? 'powens', PROFILES),
    plan: oneOf('--plan', plan ?? 'test', PLANS),
    seed: text('seed'),
    quiet: parsed.quiet ?? false,
    json: parsed.json ?? false,
  };
};

/** What `--help` prints. */
export const usage = async ({ colours }: { readonly colours: boolean }): Promise<string> => {
  const meta = { name: 'auth-sandbox', version: version(), description: 'Emulates Finicity and Budgea on this machine' };
  const text = await renderUsage({ meta, args: words });
  return (colours ? text : stripVTControlCharacters(text)).replace(/ +$/gm, '').trimEnd();
};

/** The version of this package. */
export const version = (): string => {
  // The package's own file, at the same distance from the sources and from what is built of them.
  const manifest: { readonly version: string } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return manifest.version;
};

/** `undefined` if left out. The parser takes a following option for the value, and knows `--no-` of every name. */
const textOf = (name: string, value: unknown, given: readonly string[]): string | undefined => {
  if (value === undefined) return undefined;
  const isOption = typeof value === 'string' && value.startsWith('-') && given.includes(value);
  if (typeof value !== 'string' || value === '' || isOption) throw new UsageError(`--${name} needs a value, as in --${name}=…`);
  return value;
};

const oneOf = <Choice extends string>(name: string, value: string, choices: readonly Choice[]): Choice => {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new UsageError(`${name} is one of ${choices.join(', ')}, not ${JSON.stringify(value)}.`);
  return found;
};

const portOf = (text: string | undefined, servers: number): number => {
  if (text === undefined) return 0;
  const port = Number(text);
  const highest = 65_536 - servers;
  if (!/^\d{1,5}$/.test(text) || port > highest) {
    throw new UsageError(`--port is a number from 0 to ${highest}, not ${JSON.stringify(text)}; 0 stands for a free one.`);
  }
  return port;
};
