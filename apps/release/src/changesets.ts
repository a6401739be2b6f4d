// Does every package that changed have a changeset? Compared with the branch that a pull request goes to, `origin/main` elsewhere.
import { globSync } from 'node:fs';
import { run, tried } from './run.ts';
import { unspokenSince } from './unspoken.ts';
import { ROOT } from './workspace.ts';

const { GITHUB_BASE_REF: target } = process.env;
const branch = `origin/${target || 'main'}`;
const { code, out } = await tried('git', ['merge-base', branch, 'HEAD'], { cwd: ROOT });
if (code === 0) {
  const sentences = await unspokenSince(out.trim(), ROOT);
  for (const sentence of sentences) console.error(sentence);
  if (sentences.length > 0) console.error('Make one, and `git add` it: npx -y pnpm@12.21.0 changeset (`none` where users notice nothing).');
  process.exitCode = sentences.length === 0 ? 0 : 1;
  // That those which wait name packages that are there.
  if (sentences.length === 0 && globSync('.changeset/!(README).md', { cwd: ROOT }).length > 0)
    await run('pnpm', ['exec', 'changeset', 'status', '--since', out.trim()], { cwd: ROOT });
} else {
  // A clone may have no such branch. Where a pull request has none, the workflow is wrong.
  console.log(`${target ? 'FAILED' : 'left  '} changed packages: this clone has no ${branch} to compare them with`);
  if (target) process.exitCode = 1;
}
