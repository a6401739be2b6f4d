import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasRedis } from '../redis.ts';

const root = join(import.meta.dirname, '../..');
const chaosOn = (store: string): string => {
  const node = ['--conditions=workspace-source', '--disable-warning=ExperimentalWarning'];
  const options = ['--store', store, '--minutes', '0.33', '--seed', '20260102'];
  const { stdout, stderr } = spawnSync(process.execPath, [...node, 'scripts/chaos.ts', ...options], { cwd: root, encoding: 'utf8' });
  return stdout + stderr;
};

describe('the engine keeps its promises while everything goes wrong for twenty seconds', { timeout: 300_000 }, () => {
  it('on SQLite', () => {
    expect(chaosOn('sqlite')).toMatch(/ violations 0$/m);
  });

  it.skipIf(!hasRedis)('on Redis', () => {
    expect(chaosOn('redis')).toMatch(/ violations 0$/m);
  });
});
