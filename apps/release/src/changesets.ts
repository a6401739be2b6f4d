// Does every package that changed have a changeset that speaks of it, and can all that wait be used? Compared with the branch that a pull
// request goes to, `origin/main` elsewhere. `changeset status` itself is content with a changeset of any package.
import { unspokenSince, unusableIn } from './changesets-since.ts';
import { lineOf } from './offline.ts';
import { pendingIn } from './packing.ts';
import { run, tried } from './run.ts';
import { ROOT } from './workspace.ts';

const { GITHUB_BASE_REF: target } = process.env;
const branch = `origin/${target || 'main'}`;
const base = await tried('git', ['merge-base', branch, 'HEAD'], { cwd: ROOT });
const complaints = [...unusableIn(ROOT), ...(base.code === 0 ? await unspokenSince(base.out.trim(), ROOT) : [])];

for (const complaint of complaints) console.log(complaint);
if (base.code !== 0) {
  // A pull request has one; that it is not here is a mistake of the workflow. Elsewhere a clone may have no such branch, also in CI.
  const line = { name: 'changed packages', reason: `this clone has no ${branch} to compare them with`, isFailure: Boolean(target) };
  console.log(lineOf(line));
  if (line.isFailure) process.exitCode = 1;
}
if (complaints.length > 0) process.exitCode = 1;
// That those which wait name packages that are there.
else if (base.code === 0 && pendingIn(ROOT).length > 0) await run('pnpm', ['exec', 'changeset', 'status'], { cwd: ROOT });
