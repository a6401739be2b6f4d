import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from './run.ts';
import { unspokenSince } from './unspoken.ts';

type Files = Readonly<Record<string, string>>;

const manifest = (name: string, version: string, dependencies: object = {}): string =>
  JSON.stringify({ name: `@acme/${name}`, version, dependencies });
const catalog = (valibot: string): string => `packages: [packages/*]\ncatalog:\n  valibot: ${valibot}\n`;
const changeset = (releases: string, summary = 'Something.'): string => `---\n${releases}\n---\n\n${summary}\n`;

const BEFORE: Files = {
  'package.json': '{ "private": true }',
  'pnpm-workspace.yaml': catalog('^1.5.0'),
  'pnpm-lock.yaml': '',
  '.changeset/config.json': JSON.stringify({ changedFilePatterns: ['src/**', '!src/**/*.test.ts', 'package.json'] }),
  'packages/core/package.json': manifest('core', '1.0.0'),
  'packages/core/src/index.ts': 'export const one = 1;\n',
  'packages/vendor/package.json': manifest('vendor', '1.0.0', { valibot: 'catalog:' }),
};

/** What is said when these files are written over those of a repository. */
const saidAfter = async (files: Files): Promise<readonly string[]> => {
  const root = mkdtempSync(join(tmpdir(), 'changesets-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const git = (...args: readonly string[]): Promise<string> => run('git', args, { cwd: root });
  const commit = async (written: Files): Promise<string> => {
    for (const [file, text] of Object.entries(written)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
    await git('add', '--all');
    await git('-c', 'user.name=a', '-c', 'user.email=a@localhost', 'commit', '--quiet', '--allow-empty', '--no-verify', '--message=All');
    return (await git('rev-parse', 'HEAD')).trim();
  };
  await git('init', '--quiet');
  const base = await commit(BEFORE);
  await commit(files);
  return unspokenSince(base, root);
};

const CHANGED = { 'packages/core/src/index.ts': '' };

describe('a package needs a changeset', () => {
  it('when files that its users get have changed', async () => {
    expect(await saidAfter(CHANGED)).toEqual(['@acme/core has changed, and no changeset speaks of it.']);
    expect(await saidAfter({ 'packages/core/src/index.test.ts': '' })).toEqual([]);
  });

  it('of its own, which says something', async () => {
    expect(await saidAfter({ ...CHANGED, '.changeset/a.md': changeset("'@acme/vendor': patch") })).toHaveLength(1);
    expect(await saidAfter({ ...CHANGED, '.changeset/a.md': changeset("'@acme/core': patch") })).toEqual([]);
    expect(await saidAfter({ ...CHANGED, '.changeset/a.md': changeset("'@acme/core': none", '') })).toEqual([]);
    expect(await saidAfter({ ...CHANGED, '.changeset/a.md': changeset("'@acme/core': patch", '') })).toEqual([
      expect.stringMatching(/^\.changeset\/a\.md says nothing/),
    ]);
  });

  it('when the catalog has another range for what it brings along', async () => {
    const moved = { 'pnpm-workspace.yaml': catalog('^1.4.0') };
    expect(await saidAfter(moved)).toEqual(['@acme/vendor has changed (the range of valibot), and no changeset speaks of it.']);
    expect(await saidAfter({ ...moved, '.changeset/a.md': changeset("'@acme/vendor': patch") })).toEqual([]);
  });

  it('unless it was released, with an entry in its changelog', async () => {
    const released = { ...CHANGED, 'packages/core/package.json': manifest('core', '1.0.1') };
    expect(await saidAfter(released)).toHaveLength(1);
    expect(await saidAfter({ ...released, 'packages/core/CHANGELOG.md': '# @acme/core\n\n## 1.0.1\n' })).toEqual([]);
  });
});
