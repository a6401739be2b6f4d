// Publishes all packages to a registry on this machine, as a release does, and installs them as users would: each alone, by npm and by pnpm,
// and after a second release.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasRedis, startRedis } from '@auth/scripts/redis';
import { copyOfWorkspace } from '../copy.ts';
import { npmrcOf } from '../destination.ts';
import { leaveOut } from '../offline.ts';
import { applyChangesets } from '../packing.ts';
import { complaintsAbout, unpublishedOf } from '../published.ts';
import { openRegistry, upstreamOf } from '../registry.ts';
import { PACKED, tarballs } from '../tarballs.ts';
import { scopeOf } from '../workspace.ts';
import { aloneTrials } from './isolated.ts';
import { newcomer } from './newcomer.ts';
import { secondReleaseTrials } from './second-release.ts';
import { expectEqual, runTrials, type Trial } from './trial.ts';
import { wrongCoreTrials } from './wrong-core.ts';
import { misledTrials } from './wrong-registry.ts';

const reached = await fetch(new URL('ky', await upstreamOf()), { method: 'HEAD', signal: AbortSignal.timeout(20_000) }).catch(
  () => undefined,
);
if (reached === undefined) {
  leaveOut('the installation', 'the registry of this machine cannot be reached, and packages of others come from it');
  process.exit();
}
const registry = await openRegistry();
const redis = hasRedis ? await startRedis() : undefined;
if (redis === undefined) leaveOut('the Redis store', 'redis-server is not installed');
// The lines that a release publishes with, in the place where it has them: that of a user who has no others. Everything else comes from this
// registry too, so that nothing can go to another one.
const home = mkdtempSync(join(tmpdir(), 'publisher-'));
const env = { ...newcomer(home), NPM_TOKEN: 'anybody' };
writeFileSync(join(home, '.npmrc'), `${npmrcOf(scopeOf(), registry.url, true)}registry=${registry.url}\n`);
const copy = await copyOfWorkspace(env);
let failed = 0;
let passed = 0;
try {
  await applyChangesets(copy);
  await copy.exec('changeset', 'publish', '--from-pack-dir', PACKED, '--no-git-tag');

  const handedOut: Trial = {
    name: 'the registry hands out the tarballs that were tested, and nothing is left to publish',
    run: async () => {
      expectEqual('Complaints', await complaintsAbout(tarballs(), { cwd: copy.root, env }, false), []);
      expectEqual('Not published', await unpublishedOf(tarballs(), { cwd: copy.root, env }), []);
      expectEqual(
        'Complaints about provenance',
        (await complaintsAbout(tarballs(), { cwd: copy.root, env }, true)).length,
        tarballs().length,
      );
    },
  };
  const first = [
    handedOut,
    ...misledTrials(registry),
    ...aloneTrials({ registry, redisUrl: redis?.url }),
    ...(await wrongCoreTrials(registry)),
  ];
  failed += await runTrials(first, 2);
  // Only then, as what has been installed so far is the first release.
  const second = await secondReleaseTrials(copy, registry);
  failed += await runTrials(second, 2);
  passed = first.length + second.length - failed;
} finally {
  copy.remove();
  rmSync(home, { recursive: true, force: true });
  await redis?.stop();
  await registry.close();
}
console.log(`\n${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;
