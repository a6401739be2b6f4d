// Creates the package of a new provider: one that compiles, and whose contract test says what is left to do.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { defineCommand, runMain } from 'citty';
import { generateProvider, nameProblem, titleProblem } from './new-provider/generate.ts';

const root = join(import.meta.dirname, '..');

await runMain(
  defineCommand({
    meta: { name: 'new-provider', description: 'Creates packages/NAME, a provider to fill in. Follow ADDING_A_PROVIDER.md.' },
    args: {
      name: { type: 'positional', required: true, description: 'the vendor, in lower-case letters and digits' },
      title: { type: 'string', description: 'the display name, such as "Salt Edge"; asked for if left out' },
    },
    run: async ({ args: { name, title: given } }) => {
      const title = given ?? (await askedTitle(name));
      const problem = nameProblem(root, name) ?? titleProblem(title);
      if (problem !== undefined) {
        console.error(problem);
        process.exitCode = 1;
        return;
      }
      const files = generateProvider(root, name, title);
      // The order of imports and the breaks of lines depend on the name.
      const { status } = spawnSync(join(root, 'node_modules/.bin/biome'), ['check', '--write', '--error-on-warnings', ...files], {
        cwd: root,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      process.exitCode = status ?? 1;
      console.log(
        `${files.join('\n')}\n\nThe display name is "${title}". Next, see what is left to do (this installs the new package first):\n\n  npx -y pnpm@12.21.0 test packages/${name}\n`,
      );
    },
  }),
);

/** Where nobody can answer, the name with a capital. */
async function askedTitle(name: string): Promise<string> {
  const fallback = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  if (nameProblem(root, name) !== undefined || !process.stdin.isTTY) return fallback;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`The vendor's display name? (${fallback}) `);
  terminal.close();
  return answer.trim() || fallback;
}
