import type { Report, Step } from './main-job.ts';
import type { Wire } from './wire.ts';

const COLUMNS: readonly { readonly title: string; readonly value: (step: Step) => string | number; readonly right: boolean }[] = [
  { title: 'what happens', value: ({ name }) => name, right: false },
  { title: 'calls', value: ({ asked }) => asked, right: true },
  { title: 'failed', value: ({ failed }) => failed, right: true },
  { title: 'token requests', value: ({ tokenCalls }) => tokenCalls ?? 'unseen', right: true },
  { title: 'data requests', value: ({ dataCalls }) => dataCalls ?? 'unseen', right: true },
  { title: '', value: ({ outcome }) => outcome, right: false },
];

/** One run as text for a terminal. */
export const printed = (id: string, { sandbox }: Wire, { steps, tokenRequests, error }: Report): string => {
  const rows = [COLUMNS.map(({ title }) => title), ...steps.map((step) => COLUMNS.map(({ value }) => String(value(step))))];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map((row) =>
    row
      .map((cell, column) => (COLUMNS[column]?.right ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  const [head = '', ...body] = table;
  return [
    `AUTH_PROVIDER=${id}   ${sandbox ? `the sandbox on ${new URL(sandbox.url).host}` : 'the vendor itself, with your credentials'}`,
    '',
    head,
    '─'.repeat(Math.max(...table.map((line) => line.length))),
    ...body,
    '',
    ...(tokenRequests.length > 0 ? [`Token requests: ${tokenRequests.join(', ')}.`] : []),
    ...(error ? [`The wrong secret, as your log has it: ${error.message}`] : []),
    ...(sandbox ? [] : ['The steps that end tokens, try a wrong secret or change it are for sandboxes only, and were left out.']),
    '',
  ].join('\n');
};
