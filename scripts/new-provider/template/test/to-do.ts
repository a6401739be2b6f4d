import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where something may be left to do, in the order in which it is best done. */
const FILES = [
  'src/options.ts',
  'src/api/schemas.ts',
  'src/api/error-body.ts',
  'src/errors.ts',
  'src/api/ids.ts',
  'src/api/operations.ts',
  'src/application.ts',
  'src/acme.ts',
  'test/fake.ts',
  'src/conformance.test.ts',
  'README.md',
  'AGENTS.md',
  '../../.changeset/acme.md',
];

/** What the skeleton leaves to its author: a sentence each, with the file and line to open. */
export const toDo = (): readonly string[] =>
  FILES.flatMap((file) => {
    const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
    const lines = read(path).split('\n');
    return lines.flatMap((line, index) => {
      const [, sentence] = /TODO: (.*?)(?: -->.*)?$/.exec(line) ?? [];
      const rest = /^\s*\/\/ (?!TODO|What)(.*)$/.exec(lines[index + 1] ?? '')?.[1];
      return sentence === undefined ? [] : [`${file}:${index + 1}  ${rest === undefined ? sentence : `${sentence} ${rest}`}`];
    });
  });

/** A changeset is gone after its release. */
const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};
