// Publishes all packages to a registry on this machine, as a release does, and installs them as users would: each alone, by npm and by pnpm,
// and after a second release.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasRedis, startRedis } from '../../../example/e2e/redis.ts';
import { copyOfWorkspace } from '../copy.ts';
import { applyChangesets } from '../packing.ts';
import { complaintsAbout } from '../published.ts';
import { openRegistry, upstreamOf } from '../registry.ts';
import { PACKED, tarballs } from '../tarballs.ts';
import { aloneTrials } from './alone.ts';
import { secondReleaseTrials } from './second-release.ts';
import { expectEqual, runTrials, type Trial } from './trial.ts';
import { wrongCoreTrials } from './wrong-core.ts';

const reached = await fetch(new URL('ky', await upstreamOf()), { method: 'HEAD', signal: AbortSignal.timeout(20_000) }).catch(
  () => undefined,
);
if (reached === undefined) {
  console.log('left   everything: the registry of this machine cannot be reached, and packages of others come from it');
  process.exit(process.env['CI'] === 'true' ? 1 : 0);
}
const registry = await openRegistry();
const redis = hasRedis ? await startRedis() : undefined;
if (redis === undefined) console.log('left   the Redis store: redis-server is not installed');
const copy = await copyOfWorkspace();
let failed = 0;
let passed = 0;
try {
  writeFileSync(join(copy.root, '.npmrc'), registry.npmrc);
  await applyChangesets(copy);
  await copy.exec('changeset', 'publish', '--from-pack-dir', PACKED, '--no-git-tag');

  const handedOut: Trial = {
    name: 'the registry hands out the tarballs that were tested',
    run: async () => expectEqual('Complaints', await complaintsAbout(tarballs(), copy.root, false), []),
  };
  const first = [handedOut, ...aloneTrials({ registry, redisUrl: redis?.url }), ...(await wrongCoreTrials(registry))];
  failed += await runTrials(first, 2);
  // Only then, as what has been installed so far is the first release.
  const second = await secondReleaseTrials(copy, registry);
  failed += await runTrials(second, 2);
  passed = first.length + second.length - failed;
} finally {
  copy.remove();
  await redis?.stop();
  await registry.close();
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
