// What each package costs its users: in a bundle, on the disk, and in packages of others.
import { readLockfile } from '../supply/lockfile.ts';
import { table } from '../table.ts';
import { tarballs } from '../tarballs.ts';
import { packagesOf, ROOT } from '../workspace.ts';
import { excesses, LIMITS, shown } from './limits.ts';
import { measure } from './measure.ts';

const { lockfile } = readLockfile(ROOT);
const rows: string[][] = [];
const findings: string[] = [];

for (const each of packagesOf()) {
  const limits = LIMITS[each.short];
  const tarball = tarballs().find(({ name }) => name === each.name);
  if (limits === undefined || tarball === undefined) {
    findings.push(`${each.name}: ${limits === undefined ? 'has no limits in apps/release/src/size/limits.ts' : 'was not packed'}`);
    continue;
  }
  const sizes = await measure(each, tarball, limits, lockfile);
  const cell = (key: keyof typeof sizes): string => `${shown(sizes[key]).padStart(6)} of ${shown(limits[key])}`;
  rows.push([each.name, cell('bundle'), cell('own'), cell('unpacked'), cell('others')]);
  findings.push(...excesses(sizes, limits).map((sentence) => `${each.name}: ${sentence}`));
}

console.log(table(['package', 'bundle (kB)', 'ours in it (kB)', 'unpacked (kB)', 'packages of others'], rows));
for (const finding of findings) console.error(finding);
process.exitCode = findings.length === 0 ? 0 : 1;
