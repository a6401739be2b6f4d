// Shows what a release would do now, and does nothing: versions, changelogs, tarballs, and where they would go.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { destinationOf } from './destination.ts';
import { type Packed, packAll } from './packing.ts';
import { distributionOf } from './published.ts';
import { run } from './run.ts';
import { table } from './table.ts';
import { tarballs } from './tarballs.ts';

const destination = destinationOf(process.env);
const { registry, access } = destination;
const out = mkdtempSync(join(tmpdir(), 'release-'));
try {
  const packed = await packAll(out, destination);
  const files = new Map(tarballs(out).map(({ name, path }) => [name, path]));
  const rows = await Promise.all(packed.map((one) => rowOf(one, files.get(one.name) ?? '')));

  console.log(`A release from this working tree would go to ${registry ?? 'no registry yet: set NPM_REGISTRY to its URL'} (${access}).\n`);
  console.log(table(['package', 'now', 'then', 'changes', 'tarball', 'files', ''], rows));
  for (const { name, to, changes } of packed.filter((one) => one.changes !== '')) console.log(`\n── ${name} ${to}\n\n${changes}`);
  console.log('\nNothing was published, and the working tree is as it was.');
} finally {
  rmSync(out, { recursive: true, force: true });
}

async function rowOf({ name, from, to }: Packed, file: string): Promise<readonly string[]> {
  const listing = await run('tar', ['-tzf', file], { cwd: out });
  const size = `${(statSync(file).size / 1_000).toFixed(0)} kB`;
  return [name, from, to, kindOf(from, to), size, String(listing.trim().split('\n').length), await stateOf(name, to)];
}

function kindOf(from: string, to: string): string {
  const [a, b] = [from.split('.'), to.split('.')];
  return ['major', 'minor', 'patch'].find((_, index) => a[index] !== b[index]) ?? 'nothing';
}

/** Whether the version is at the registry already, and so would be left alone. */
async function stateOf(name: string, version: string): Promise<string> {
  if (registry === undefined) return '';
  const found = await distributionOf(name, version, { cwd: tmpdir() }, registry).catch(() => 'unknown' as const);
  if (found === 'unknown') return 'unknown: the registry gave no answer';
  return found === undefined ? 'would be published' : 'published already';
}
