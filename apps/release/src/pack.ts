// Packs every package once, as it would be published. All checks of packages, the matrix of runtimes and the trial of the installation look
// at these tarballs. A release publishes tarballs that are the same, byte for byte.
import { rmSync } from 'node:fs';
import { runCommand } from './command.ts';
import { destinationOf } from './destination.ts';
import { packAll } from './packing.ts';
import { PACKED } from './tarballs.ts';

await runCommand({
  usage: `pack.ts: packs every package into ${PACKED}.`,
  run: async () => {
    const destination = destinationOf(process.env);
    rmSync(PACKED, { recursive: true, force: true });
    for (const { name, to } of await packAll(PACKED, destination)) console.log(`${name} ${to}`);
  },
});
