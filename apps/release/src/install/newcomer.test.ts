import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { run } from '../run.ts';
import { newcomer } from './newcomer.ts';

describe('a newcomer', () => {
  it('has told npm nothing, whatever those who run this have: in their files, or by variables', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'newcomer-'));
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true, force: true });
    });
    const [home, global, empty] = [join(folder, 'home'), join(folder, 'globalrc'), join(folder, 'empty')];
    for (const one of [home, empty]) mkdirSync(one);
    writeFileSync(join(home, '.npmrc'), '@one:registry=http://one.invalid/\n');
    writeFileSync(global, '@two:registry=http://two.invalid/\n');
    vi.stubEnv('HOME', home);
    vi.stubEnv('npm_config_userconfig', undefined);
    vi.stubEnv('npm_config_globalconfig', global);
    vi.stubEnv('npm_config_@three:registry', 'http://three.invalid/');
    const registries = async (env: Readonly<Record<string, string | undefined>>): Promise<readonly string[]> => {
      const keys = ['@one:registry', '@two:registry', '@three:registry'];
      const said = await run('npm', ['config', 'get', ...keys], { cwd: empty, env });
      return said.trim().split('\n');
    };
    expect(await registries({})).toEqual(expect.arrayContaining([expect.stringContaining('http://one.invalid/')]));
    expect(await registries({})).toEqual(expect.arrayContaining([expect.stringContaining('http://two.invalid/')]));
    expect(await registries(newcomer(empty))).toEqual(['@one:registry=undefined', '@two:registry=undefined', '@three:registry=undefined']);
  });
});
