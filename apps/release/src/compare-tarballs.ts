// Are the tarballs of a folder, byte for byte, those that were packed and tested here? `compare-tarballs.ts FOLDER`
import { differingFrom, tarballs, unplannedIn } from './tarballs.ts';

const [, , folder = ''] = process.argv;
const there = tarballs(folder);
const differing = differingFrom(tarballs(), there);
const unplanned = unplannedIn(folder, there);
for (const one of differing) console.error(`${one} in ${folder} is not the tarball that was tested.`);
for (const one of unplanned) console.error(`${one} in ${folder} is not in its plan, so nobody has looked at it.`);
console.log(`${there.length} tarballs compared, ${differing.length} differ.`);
process.exitCode = there.length > 0 && differing.length === 0 && unplanned.length === 0 ? 0 : 1;
