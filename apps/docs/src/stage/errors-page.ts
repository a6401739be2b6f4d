import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuthError, type AuthErrorCode } from '@auth/core';
import * as budgea from '../../../../packages/budgea/src/errors.ts';
import * as finicity from '../../../../packages/finicity/src/errors.ts';
import { ROOT } from '../paths.ts';

type Meaning = readonly [code: AuthErrorCode, message: string];

/** A vendor's answer, and the message that it becomes. */
interface Cause {
  readonly vendor: string;
  readonly answer: string;
  readonly message: string;
}

const INTRODUCTION = `For whoever handles a failure, or has one before them: find its code here, see where it comes from at each vendor, and what to do.
This page is made from the tables that the providers decide by, so it says what they do.

Everything rejects with \`AuthError\`. Tell errors apart by \`code\`; the message says what happened, to what, and what to do next:

\`\`\`ts
import { AuthError, type AuthProvider } from '@auth/core';

declare const provider: AuthProvider<'users'>;
declare const queue: { readonly later: (milliseconds: number) => Promise<void> };

try {
  await provider.users.get('1005061234');
} catch (error) {
  if (AuthError.is(error, 'not_found')) console.log('forget this user');
  else if (AuthError.is(error) && error.retryable) await queue.later(error.retryAfter ?? 60_000);
  else throw error;
}
\`\`\`

No error holds a secret, a token, or anything of a request or an answer but codes.
`;

/** The guide «Errors» as Markdown. Throws where core's README misses a code. */
export const errorsPage = (): string => {
  const advice = adviceByCode();
  const causes = causesByCode();
  const sections = codes().map((code) => {
    const what = advice.get(code);
    if (what === undefined) throw new Error(`The table of packages/core/README.md does not say what to do about ${code}.`);
    return section(code, what, causes.get(code) ?? []);
  });
  return ['---', 'title: Errors', 'group: Reference', '---', '', INTRODUCTION, ...sections].join('\n');
};

/** The members of the union, which exists as a type only. */
const codes = (): readonly AuthErrorCode[] => {
  const [, union = ''] = /export type AuthErrorCode =([^;]+);/.exec(read('packages/core/src/errors.ts')) ?? [];
  const found = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code as AuthErrorCode); // just read from its declaration
  if (found.length === 0) throw new Error('packages/core/src/errors.ts declares no error codes that this script can read.');
  return found;
};

const adviceByCode = (): ReadonlyMap<string, string> => {
  const [, table = ''] = /## Errors\n([\s\S]*?)\n## /.exec(read('packages/core/README.md')) ?? [];
  const rows = [...table.matchAll(/^\| (`.+?) +\| (.+?) +\|$/gm)];
  return new Map(rows.flatMap(([, cell = '', what = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, code = '']) => [code, what])));
};

const causesByCode = (): ReadonlyMap<string, readonly Cause[]> => {
  const causes = new Map<string, Cause[]>();
  const add = (vendor: string, answer: string, [code, message]: Meaning): void => {
    causes.set(code, [...(causes.get(code) ?? []), { vendor, answer, message }]);
  };
  for (const [vendor, { CODES, STATUSES }] of [['Finicity', finicity] as const, ['Budgea', budgea] as const]) {
    for (const [answer, meaning] of Object.entries(CODES)) add(vendor, `\`${answer}\``, meaning);
    for (const [status, meaning] of Object.entries(STATUSES)) add(vendor, `status ${status}`, meaning);
  }
  return causes;
};

const section = (code: AuthErrorCode, advice: string, causes: readonly Cause[]): string => {
  const { retryable } = new AuthError('', { code, provider: 'docs', operation: 'docs' });
  const lines = [`## ${code}`, '', `**What to do:** ${advice}.${retryable ? ' The same call can succeed later (`retryable`).' : ''}`, ''];
  if (causes.length === 0) return [...lines, 'It comes from these packages, not from a table of a vendor.', ''].join('\n');
  const rows = causes.map(({ vendor, answer, message }) => `| ${vendor} | ${answer} | ${message.replaceAll('|', '\\|')} |`);
  return [...lines, '| vendor | its answer | the message |', '| --- | --- | --- |', ...rows, ''].join('\n');
};

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
