// Shows what a release would do now, and does nothing: versions, changelogs, tarballs, and where they would go.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { destinationOf } from './destination.ts';
import { type Packed, packAll } from './packing.ts';
import { findingOf } from './published.ts';
import { run } from './run.ts';
import { table } from './table.ts';
import { tarballs } from './tarballs.ts';

await runCommand({
  usage: 'release:dry: shows what a release would do now.',
  run: async () => {
    const destination = destinationOf(process.env);
    const { registry, access } = destination;
    const out = mkdtempSync(join(tmpdir(), 'release-'));
    try {
      const packed = await packAll(out, destination);
      const files = new Map(tarballs(out).map(({ name, path }) => [name, path]));
      const found = await Promise.all(packed.map((one) => stateOf(one, registry)));
      const rows = await Promise.all(packed.map((one, index) => rowOf(one, files.get(one.name) ?? '', found[index]?.state ?? '')));

      console.log(
        `A release from this working tree would go to ${registry ?? 'no registry yet: set NPM_REGISTRY to its URL'} (${access}).\n`,
      );
      console.log(table(['package', 'now', 'then', 'changes', 'tarball', 'files', ''], rows));
      for (const { name, to, changes } of packed.filter((one) => one.changes !== '')) console.log(`\n── ${name} ${to}\n\n${changes}`);
      console.log('\nNothing was published, and the working tree is as it was.');
      const foreign = found.flatMap(({ foreign: sentence = [] }) => sentence);
      if (foreign.length > 0) throw new Error(`\n${foreign.join('\n')}`);
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  },
});

async function rowOf({ name, from, to }: Packed, file: string, state: string): Promise<readonly string[]> {
  const listing = await run('tar', ['-tzf', file], { cwd: tmpdir() });
  const size = `${(statSync(file).size / 1_000).toFixed(0)} kB`;
  return [name, from, to, kindOf(from, to), size, String(listing.trim().split('\n').length), state];
}

function kindOf(from: string, to: string): string {
  const [a, b] = [from.split('.'), to.split('.')];
  return ['major', 'minor', 'patch'].find((_, index) => a[index] !== b[index]) ?? 'nothing';
}

/** What a release would do with a version, as far as the registry tells. */
async function stateOf(
  { name, to: version }: Packed,
  registry: string | undefined,
): Promise<{ readonly state: string; readonly foreign?: string }> {
  if (registry === undefined) return { state: '' };
  const found = await findingOf({ name, version }, { cwd: tmpdir() }, registry).catch(() => undefined);
  if (found === undefined) return { state: 'unknown: the registry gave no answer' };
  if (found.foreign !== undefined) return { state: 'cannot be published: see below', foreign: found.foreign };
  return { state: found.distribution === undefined ? 'would be published' : 'published already' };
}
