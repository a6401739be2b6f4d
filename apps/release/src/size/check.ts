// What each package costs its users: in a bundle, on the disk, and in packages of others.
import { readLockfile } from '../supply/lockfile.ts';
import { table } from '../table.ts';
import { packagesOf, ROOT } from '../workspace.ts';
import { layOut } from './layout.ts';
import { excesses, LIMITS, shown, unlimited } from './limits.ts';
import { measureInstallation, measureUse } from './measure.ts';

const { lockfile } = readLockfile(ROOT);
const bundles: string[][] = [];
const installations: string[][] = [];
const findings: string[] = [];
const cell = (size: number, limit: number): string => `${shown(size).padStart(6)} of ${shown(limit)}`;

const { laid, remove } = await layOut();
try {
  for (const each of packagesOf()) {
    const limits = LIMITS[each.short];
    const tarball = laid.get(each.name);
    if (limits === undefined || tarball === undefined) {
      findings.push(`${each.name}: ${limits === undefined ? 'has no limits in apps/release/src/size/limits.ts' : 'was not packed'}`);
      continue;
    }
    const sizes = measureInstallation(each, tarball, lockfile);
    installations.push([each.name, cell(sizes.unpacked, limits.unpacked), cell(sizes.others, limits.others)]);
    const sentences = [...excesses(sizes, limits), ...unlimited(Object.keys(each.manifest.exports), limits.uses)];
    findings.push(...sentences.map((sentence) => `${each.name}: ${sentence}`));
    for (const use of limits.uses) {
      const { bundle, own } = await measureUse(each, tarball, use, lockfile);
      const name = `${each.name}${use.entry.slice(1)}${use.names === undefined ? '' : `, ${use.names}`}`;
      bundles.push([name, cell(bundle, use.bundle), cell(own, use.own)]);
      findings.push(...excesses({ bundle, own }, use).map((sentence) => `${name}: ${sentence}`));
    }
  }
} finally {
  remove();
}

console.log(table(['package', 'unpacked (kB)', 'packages of others'], installations));
console.log(`\n${table(['bundle', 'all in it (kB)', 'ours in it (kB)'], bundles)}`);
for (const finding of findings) console.error(finding);
process.exitCode = findings.length === 0 ? 0 : 1;
