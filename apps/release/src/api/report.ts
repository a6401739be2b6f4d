// The public surface of every entry of every package, in git, so that a review sees each change of it.
// Compares the reports with what was built; with `--write` renews them.
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { tried } from '../run.ts';
import { packagesOf, ROOT } from '../workspace.ts';
import { entriesOf } from './entries.ts';
import { surfaceReader } from './extract.ts';
import { withoutNoise, withoutRepetition } from './text.ts';

const RENEW = 'npx -y pnpm@12.21.0 api';

const write = (report: string, surface: string): void => {
  mkdirSync(dirname(report), { recursive: true });
  writeFileSync(report, surface);
};

/** The lines that differ, each group of them below the declaration that it is in. */
const differences = async (report: string, surface: string, scratch: string): Promise<string> => {
  const now = join(scratch, 'now.api.md');
  writeFileSync(now, surface);
  const before = existsSync(report) ? report : '/dev/null';
  const { out } = await tried('git', ['diff', '--no-index', '--no-color', '--no-ext-diff', '--unified=1', before, now], { cwd: scratch });
  return out.slice(out.indexOf('@@')).trimEnd();
};

const isWriting = process.argv.includes('--write');
const scratch = mkdtempSync(join(tmpdir(), 'api-'));
const stale = new Set(globSync('packages/*/api/*.api.md', { cwd: ROOT }));
const findings: string[] = [];

try {
  const packages = packagesOf().map(entriesOf);
  const surfaceOf = surfaceReader(packages.flat(), scratch);
  for (const entries of packages) {
    let main = '';
    for (const entry of entries) {
      const surface = withoutRepetition(withoutNoise(surfaceOf(entry)), main);
      main ||= surface;
      stale.delete(entry.report);
      const report = join(ROOT, entry.report);
      if (existsSync(report) && readFileSync(report, 'utf8') === surface) continue;
      if (isWriting) write(report, surface);
      else findings.push(`${entry.name} is not what ${entry.report} says:\n${await differences(report, surface, scratch)}`);
    }
  }
  for (const file of stale) {
    if (isWriting) rmSync(join(ROOT, file));
    else findings.push(`${file} is about an entry that no longer exists.`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

if (findings.length > 0) {
  console.error(
    `${findings.join('\n\n')}\n\nIf that is meant, renew the reports, and say in a changeset what it means for users:\n  ${RENEW}`,
  );
  process.exitCode = 1;
}
