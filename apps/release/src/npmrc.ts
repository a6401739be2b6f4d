// Prints the lines for the `.npmrc` of the user who publishes: `node npmrc.ts >> ~/.npmrc`. They do not go into that of the project, where
// pnpm reads no variables.
import { runCommand } from './command.ts';
import { destinationOf, npmrcOf } from './destination.ts';
import { scopeOf } from './workspace.ts';

await runCommand({
  usage: 'npmrc.ts: prints the lines of an `.npmrc` for NPM_REGISTRY.',
  run: async () => {
    const { registry } = destinationOf(process.env);
    if (registry === undefined) throw new Error('NPM_REGISTRY is not set. Set it to the URL of the registry that the packages go to.');
    process.stdout.write(npmrcOf(scopeOf(), registry, Boolean(process.env['NPM_TOKEN'])));
  },
});
