// Packs every package once, as it would be published. All checks of packages, the matrix of runtimes and the trial of the installation look
// at these tarballs, and the release publishes them.
import { rmSync } from 'node:fs';
import { destinationOf } from './destination.ts';
import { packAll } from './packing.ts';
import { PACKED } from './tarballs.ts';

rmSync(PACKED, { recursive: true, force: true });
for (const { name, to } of await packAll(PACKED, destinationOf(process.env))) console.log(`${name} ${to}`);
