import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runServer } from 'verdaccio';
import { run } from '../run.ts';
import { scopeOf } from '../workspace.ts';

/** A registry on this machine, with nothing of ours in it. */
export interface Registry {
  /** Ends in a slash. */
  readonly url: string;
  /** Where it has everything from that is not ours. */
  readonly upstream: string;
  readonly close: () => Promise<void>;
}

/**
 * Starts a Verdaccio on loopback. It has our scope to itself and never asks another registry for it, as that one has a different project
 * under the name; everything else comes from the registry that this machine uses.
 */
export const openRegistry = async (): Promise<Registry> => {
  const storage = mkdtempSync(join(tmpdir(), 'registry-'));
  const upstream = (await run('npm', ['config', 'get', 'registry'], { cwd: tmpdir() })).trim();
  const everybody = { access: '$all', publish: '$all', unpublish: '$all' };
  const server: Server = await runServer({
    storage,
    self_path: storage,
    secret: 'a-secret-of-thirty-two-letters-ab',
    uplinks: { upstream: { url: upstream, cache: true, maxage: '60m' } },
    packages: { [`${scopeOf()}/*`]: everybody, '**': { access: '$all', proxy: 'upstream' } },
    log: { type: 'stdout', format: 'pretty', level: 'fatal' },
    web: { enable: false },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`,
    upstream,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(storage, { recursive: true, force: true });
    },
  };
};
