// Prints the lines for the `.npmrc` of the user who publishes: `node npmrc.ts >> ~/.npmrc`. They do not go into that of the project, where
// pnpm reads no variables.
import { destinationOf, npmrcOf } from './destination.ts';
import { scopeOf } from './workspace.ts';

const { registry } = destinationOf(process.env);
if (registry === undefined) {
  console.error('NPM_REGISTRY is not set. Set it to the URL of the registry that the packages go to.');
  process.exitCode = 1;
} else process.stdout.write(npmrcOf(scopeOf(), registry, Boolean(process.env['NPM_TOKEN'])));
