// What a push to main asks for: `version` while changesets wait, `publish` where the registry lacks versions, else `none`. Written to
// GITHUB_OUTPUT as `mode`, with the versions to be published as `releases`. Imports nothing from npm, so that nothing has to be installed
// where the registry's token is.
import { appendFileSync } from 'node:fs';
import { runCommand } from './command.ts';
import { pendingIn } from './packing.ts';
import { unpublishedOf } from './published.ts';
import { packagesOf, ROOT } from './workspace.ts';

await runCommand({
  usage: 'next-step.ts: says what a push to main asks for.',
  run: async () => {
    const isPending = pendingIn(ROOT).length > 0;
    const all = packagesOf().map(({ name, manifest: { version } }) => ({ name, version }));
    const missing = isPending ? [] : await unpublishedOf(all, { cwd: ROOT });
    const mode = isPending ? 'version' : missing.length > 0 ? 'publish' : 'none';
    const lines = `mode=${mode}\nreleases=${missing.map(({ name, version }) => `${name}@${version}`).join(' ')}\n`;
    process.stdout.write(lines);
    const { GITHUB_OUTPUT: output } = process.env;
    if (output) appendFileSync(output, lines);
  },
});
