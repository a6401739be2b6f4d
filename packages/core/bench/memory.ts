// Bytes that one of 100 000 subjects takes, with a flat 500-character token, after garbage collection. Needs --expose-gc.
import { managedMany } from '../src/kit/index.ts';
import { report } from './report.ts';

const SUBJECTS = 100_000;

const heap = (): number => {
  for (let turn = 0; turn < 4; turn += 1) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};
const flat = (id: string): string => Buffer.from(id.padStart(500, 'x')).toString('latin1');

for (const [name, lifetime] of [
  ['two hours', 7_200_000],
  ['for ever', null],
] as const) {
  const before = heap();
  const tokens = managedMany((id) => ({
    token: async () => ({ value: flat(id), issuedAt: Date.now(), expiresAt: lifetime === null ? null : Date.now() + lifetime }),
  }));
  for (let id = 1; id <= SUBJECTS; id += 1) await tokens.of(String(id)).token();
  report(`bytes for each of ${SUBJECTS} subjects, tokens that live ${name}`, (heap() - before) / SUBJECTS, 700);
  await tokens[Symbol.asyncDispose]();
}
