import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as budgea from '@auth/budgea/errors';
import { AuthError, type AuthErrorCode } from '@auth/core';
import type { ErrorAnswer } from '@auth/core/kit';
import * as finicity from '@auth/finicity/errors';
import { ROOT } from '../paths.ts';

type Meaning = readonly [code: AuthErrorCode, message: string];

/** What core's README says of a code. */
interface Advice {
  readonly what: string;
  readonly user: string;
}

/** A vendor's answer, and the message that it becomes. */
interface Cause {
  readonly vendor: string;
  readonly answer: string;
  readonly message: string;
}

/** The guide «Errors» as Markdown: what was written before the first code, and the codes. Throws where core's README misses one. */
export const errorsPage = (): string => {
  const advices = adviceByCode();
  const causes = causesByCode();
  const sections = codes().map((code) => {
    const advice = advices.get(code);
    if (advice === undefined) throw new Error(`The table of packages/core/README.md does not say what to do about ${code}.`);
    return section(code, advice, causes.get(code) ?? []);
  });
  const [introduction = ''] = read('apps/docs/guides/errors.md').split(/^(?=## )/m);
  return [introduction.trimEnd(), '', ...sections].join('\n');
};

/** The members of the union, which exists as a type only. */
const codes = (): readonly AuthErrorCode[] => {
  const [, union = ''] = /export type AuthErrorCode =([^;]+);/.exec(read('packages/core/src/errors.ts')) ?? [];
  const found = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code as AuthErrorCode); // just read from its declaration
  if (found.length === 0) throw new Error('packages/core/src/errors.ts declares no error codes that this script can read.');
  return found;
};

const adviceByCode = (): ReadonlyMap<string, Advice> => {
  const [, table = ''] = /## Errors\n([\s\S]*?)\n## /.exec(read('packages/core/README.md')) ?? [];
  const rows = [...table.matchAll(/^\| (`.+?) +\| (.+?) +\| (.+?) +\|$/gm)];
  return new Map(
    rows.flatMap(([, cell = '', what = '', user = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, code = '']) => [code, { what, user }])),
  );
};

const BARE: Omit<ErrorAnswer, 'status'> = { operation: 'users.get', hasToken: true, headers: new Headers(), body: {} };
const ASKING = { ...BARE, hasToken: false };

/** Answers that no table has a row for, as more than the code or the status decides. Asked of the providers, so that their word is shown. */
const OTHERS: Readonly<Record<'Finicity' | 'Budgea', readonly (readonly [answer: string, facts: ErrorAnswer])[]>> = {
  Finicity: [
    ['`Invalid (Finicity-App-Key)` as text, status 401', { ...BARE, status: 401, body: 'Invalid (Finicity-App-Key)' }],
    ['`Expired (App-Token)` as text, status 401', { ...BARE, status: 401, body: 'Expired (App-Token)' }],
    ['status 401 to a request for a token', { ...ASKING, status: 401 }],
    ['status 403 with another code', { ...BARE, status: 403, body: { code: 99_999 } }],
    ['status 500 and above', { ...BARE, status: 503 }],
    ['another status', { ...BARE, status: 418 }],
  ],
  Budgea: [
    ['`forbidden` to a request without a token', { ...ASKING, status: 403, body: { code: 'forbidden' } }],
    ['`invalidValue` with status 409', { ...BARE, status: 409, body: { code: 'invalidValue' } }],
    ['status 401', { ...BARE, status: 401 }],
    ['status 403', { ...BARE, status: 403 }],
    ['status 401 or 403 to a request without a token', { ...ASKING, status: 401 }],
    ['status 401 or 403 to the exchange of a code', { ...ASKING, operation: 'api.exchangeCode', status: 401 }],
    ['status 403 to a request for a service token', { ...ASKING, operation: 'api.createServiceToken', status: 403 }],
    ['a page instead of JSON, whatever the status', { ...BARE, status: 502, body: '<html></html>' }],
    ['status 500 and above', { ...BARE, status: 503 }],
    ['another status', { ...BARE, status: 418 }],
  ],
};

const causesByCode = (): ReadonlyMap<string, readonly Cause[]> => {
  const causes = new Map<string, Cause[]>();
  const add = (vendor: string, answer: string, [code, message]: Meaning): void => {
    causes.set(code, [...(causes.get(code) ?? []), { vendor, answer, message }]);
  };
  const vendors = [['Finicity', finicity] as const, ['Budgea', budgea] as const];
  for (const [vendor, { CODES, STATUSES }] of vendors) {
    for (const [answer, meaning] of Object.entries(CODES)) add(vendor, `\`${answer}\``, meaning);
    for (const [status, meaning] of Object.entries(STATUSES)) add(vendor, `status ${status}`, meaning);
  }
  for (const [vendor, { explain }] of vendors)
    for (const [answer, facts] of OTHERS[vendor]) {
      const { code, message } = explain(facts);
      // Only the class of these statuses decides.
      add(vendor, answer, [code, message.replace(/ with status \d+/, '')]);
    }
  return causes;
};

const section = (code: AuthErrorCode, { what, user }: Advice, causes: readonly Cause[]): string => {
  const { retryable } = new AuthError('', { code, provider: 'docs', operation: 'docs' });
  const later = retryable ? ' The same call can succeed later (`retryable`).' : '';
  const lines = [`## ${code}`, '', `**What to do:** ${what}.${later}`, '', `**What to tell your user:** ${user}.`, ''];
  if (causes.length === 0) return [...lines, 'It comes from these packages, not from a table of a vendor.', ''].join('\n');
  const rows = causes.map(({ vendor, answer, message }) => [vendor, answer, message.replaceAll('|', '\\|')]);
  return [...lines, ...table([['vendor', 'its answer', 'the message'], ...rows]), ''].join('\n');
};

/** Columns as wide as their widest cell, as the formatter of the repository wants them. */
const table = ([head = [], ...rows]: readonly (readonly string[])[]): readonly string[] => {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], fill: string): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(' | ')} |`;
  return [
    line(head, ' '),
    line(
      head.map(() => ''),
      '-',
    ),
    ...rows.map((row) => line(row, ' ')),
  ];
};

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
