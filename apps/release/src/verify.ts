// After a publication: does the registry hand out the tarballs that were tested? The registry is that of `.npmrc`. With
// PNPM_CONFIG_PROVENANCE=true each of them has to have its provenance: pnpm goes on without one when nobody vouches for it.
import { runCommand } from './command.ts';
import { complaintsAbout } from './published.ts';
import { retried } from './retry.ts';
import { PACKED, tarballs } from './tarballs.ts';

await runCommand({
  usage: 'verify.ts [FOLDER]: compares what the registry hands out with the tarballs of a folder.',
  takes: 1,
  run: async (folder = PACKED) => {
    const all = tarballs(folder);
    const complaints = await retried(() => complaintsAbout(all, { cwd: process.cwd() }, process.env['PNPM_CONFIG_PROVENANCE'] === 'true'));
    for (const complaint of complaints) console.error(complaint);
    console.log(`${all.length} versions looked at, ${complaints.length} complaints.`);
    process.exitCode = complaints.length === 0 ? 0 : 1;
  },
});
