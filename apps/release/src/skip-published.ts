// Right before a publication: leaves in the plan of packed tarballs what RELEASES names (`next-step.ts` wrote it), and of that what the registry
// does not have yet, so that a publication which broke off can be run again. The registry is that of `.npmrc`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { type Planned, withoutPublished } from './plan.ts';
import { findingOf, integrityOf } from './published.ts';
import { PACKED, tarballs } from './tarballs.ts';

await runCommand({
  usage: 'skip-published.ts [FOLDER]: leaves in the plan of a folder of tarballs what of RELEASES is still to be published.',
  takes: 1,
  run: async (folder = PACKED) => {
    const all = tarballs(folder);
    const releases = new Set((process.env['RELEASES'] ?? '').split(' ').filter((one) => one !== ''));
    if (releases.size === 0) throw new Error('RELEASES names nothing. Set it to what is to be published: @acme/core@1.2.3 @acme/…');
    const found = await Promise.all(all.map((one) => findingOf(one, { cwd: process.cwd() })));
    const file = join(folder, 'publish-plan.json');
    const whole: { readonly plan: readonly (readonly Planned[])[] } = JSON.parse(readFileSync(file, 'utf8'));
    const plan = withoutPublished(whole.plan, {
      releases,
      found: new Map(all.map(({ name }, index) => [name, found[index] ?? {}])),
      tested: new Map(all.map(({ name, path }) => [name, integrityOf(path)])),
    });
    writeFileSync(file, JSON.stringify({ ...whole, plan }, undefined, 2));
    for (const { kind, name, version } of plan.flat())
      console.log(`${name}@${version} ${kind === 'publish' ? 'is to be published' : 'is published, and gets its tag if that is missing'}.`);
  },
});
