// After a publication: does the registry hand out the tarballs that were tested? `node verify.ts FOLDER`, with the registry in `.npmrc`.
// With PNPM_CONFIG_PROVENANCE=true each of them has to have its provenance: pnpm goes on without one when nobody vouches for it.
import { complaintsAbout } from './published.ts';
import { PACKED, tarballs } from './tarballs.ts';

const [, , folder = PACKED] = process.argv;
const all = tarballs(folder);
const complaints = await complaintsAbout(all, { cwd: process.cwd() }, process.env['PNPM_CONFIG_PROVENANCE'] === 'true');
for (const complaint of complaints) console.error(complaint);
console.log(`${all.length} versions looked at, ${complaints.length} complaints.`);
process.exitCode = complaints.length === 0 ? 0 : 1;
