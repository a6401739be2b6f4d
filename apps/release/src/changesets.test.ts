import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { unspokenSince, unusableIn } from './changesets-since.ts';
import { run } from './run.ts';

const manifest = (name: string, version = '1.0.0', more: object = {}): string =>
  JSON.stringify({ name: `@acme/${name}`, version, ...more });
const catalog = (valibot: string, hono = '^4.0.0'): string =>
  `packages: [packages/*]\ncatalog:\n  valibot: ${valibot}\n  hono: ${hono}\ncatalogs:\n  old:\n    ky: ^1.0.0\n`;
const changeset = (releases: string, summary = 'Something.'): string => `---\n${releases}\n---\n\n${summary}\n`;
const changelog = (version: string, name = 'core'): string => `# @acme/${name}\n\n## ${version}\n\n### Patch Changes\n\n- Something.\n`;

const BEFORE: Files = {
  'pnpm-workspace.yaml': catalog('^1.5.0'),
  '.changeset/config.json': JSON.stringify({ changedFilePatterns: ['src/**', '!src/**/*.test.ts', 'package.json'] }),
  'packages/core/package.json': manifest('core'),
  'packages/core/CHANGELOG.md': changelog('1.0.0'),
  'packages/core/src/index.ts': 'export const one = 1;\n',
  'packages/core/src/Größe.ts': 'export const size = 1;\n',
  'packages/vendor/package.json': manifest('vendor', '1.0.0', {
    dependencies: { '@acme/core': 'workspace:^', valibot: 'catalog:' },
    peerDependencies: { ky: 'catalog:old' },
    devDependencies: { hono: 'catalog:' },
  }),
  'packages/vendor/src/webhooks.ts': 'export const webhooks = ["a", "file", "that", "git", "knows", "again"];\n',
};

type Files = Readonly<Record<string, string>>;

const write = (root: string, files: Files): void => {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
};

const folder = (): string => {
  const root = mkdtempSync(join(tmpdir(), 'changesets-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
};

/** A repository with these packages, its root and the commit. */
const repository = async (): Promise<{ readonly root: string; readonly base: string }> => {
  const root = folder();
  write(root, BEFORE);
  const git = (...args: readonly string[]): Promise<string> => run('git', args, { cwd: root });
  await git('init', '--quiet');
  await git('add', '--all');
  await git('-c', 'user.name=test', '-c', 'user.email=test@localhost', 'commit', '--quiet', '--no-verify', '--message=Before');
  return { root, base: (await git('rev-parse', 'HEAD')).trim() };
};

/** What is said when these files are written over those of the repository: without what is to be done about it. */
const complaintsAfter = async (files: Files): Promise<readonly string[]> => {
  const { root, base } = await repository();
  write(root, files);
  return shortened(await unspokenSince(base, root));
};

const shortened = (complaints: readonly string[]): readonly string[] => complaints.map((one) => one.replace(/; no changeset .*$/, ''));

describe('a package needs a changeset', () => {
  it('when its files that users get have changed, whatever letters they are named in', async () => {
    expect(await complaintsAfter({})).toEqual([]);
    expect(await complaintsAfter({ 'packages/core/src/index.test.ts': '' })).toEqual([]);
    expect(await complaintsAfter({ 'packages/core/src/index.ts': '' })).toEqual(['@acme/core has changed']);
    expect(await complaintsAfter({ 'packages/core/src/new.ts': '' })).toEqual(['@acme/core has changed']);
    expect(await complaintsAfter({ 'packages/core/src/Größe.ts': '' })).toEqual(['@acme/core has changed']);
  });

  it('of its own', async () => {
    const files = { 'packages/core/src/index.ts': '' };
    expect(await complaintsAfter({ ...files, '.changeset/a.md': changeset("'@acme/vendor': patch") })).toEqual(['@acme/core has changed']);
    expect(await complaintsAfter({ ...files, '.changeset/a.md': changeset("'@acme/core': none", '') })).toEqual([]);
  });

  it('when the catalog has another range for what it brings along', async () => {
    const files = { 'pnpm-workspace.yaml': catalog('^1.4.0') };
    expect(await complaintsAfter(files)).toEqual(['@acme/vendor asks for valibot ^1.4.0, no longer for ^1.5.0']);
    expect(await complaintsAfter({ ...files, '.changeset/a.md': changeset("'@acme/vendor': patch") })).toEqual([]);
  });

  it('when a named catalog has another range for a peer', async () => {
    expect(await complaintsAfter({ 'pnpm-workspace.yaml': catalog('^1.5.0').replace('ky: ^1.0.0', 'ky: ^2.0.0') })).toEqual([
      '@acme/vendor asks for ky ^2.0.0, no longer for ^1.0.0',
    ]);
  });

  it('but not when the catalog has another range for what only its developers use', async () => {
    expect(await complaintsAfter({ 'pnpm-workspace.yaml': catalog('^1.5.0', '^5.0.0') })).toEqual([]);
  });

  it('when it was not there before, in whatever version', async () => {
    expect(await complaintsAfter({ 'packages/more/package.json': manifest('more') })).toEqual(['@acme/more is new']);
  });

  it('when a file of it has moved to another package', async () => {
    const { root, base } = await repository();
    await run('git', ['mv', 'packages/vendor/src/webhooks.ts', 'packages/core/src/webhooks.ts'], { cwd: root });
    expect(shortened(await unspokenSince(base, root))).toEqual(['@acme/core has changed', '@acme/vendor has changed']);
  });
});

describe('a new version', () => {
  const files = { 'packages/core/package.json': manifest('core', '1.0.1'), 'packages/core/src/index.ts': '' };
  const complaint = '@acme/core has another version, without an entry in its changelog';

  it('has its changesets in the changelog', async () => {
    expect(await complaintsAfter({ ...files, 'packages/core/CHANGELOG.md': changelog('1.0.1') })).toEqual([]);
  });

  it('is no release without an entry', async () => {
    expect(await complaintsAfter(files)).toEqual([complaint]);
    expect(await complaintsAfter({ ...files, 'packages/core/CHANGELOG.md': changelog('1.0.2') })).toEqual([complaint]);
    expect(await complaintsAfter({ ...files, 'packages/core/CHANGELOG.md': changelog('1.0.1', 'vendor') })).toEqual([complaint]);
  });

  it('of core moves none that may stay', async () => {
    const minor = { 'packages/core/package.json': manifest('core', '1.1.0'), 'packages/core/CHANGELOG.md': changelog('1.1.0') };
    expect(await complaintsAfter(minor)).toEqual([]);
  });
});

describe('a changeset', () => {
  const complaintsAbout = (text: string): readonly string[] => {
    const root = folder();
    write(root, { '.changeset/a.md': text, '.changeset/README.md': '# Changesets\n' });
    return unusableIn(root);
  };

  it('can be used', () => {
    expect(complaintsAbout(changeset("'@acme/core': patch"))).toEqual([]);
    expect(complaintsAbout(changeset("'@acme/core': patch").replaceAll('\n', '\r\n'))).toEqual([]);
  });

  it('says something where it makes an entry of a changelog', () => {
    expect(complaintsAbout(changeset("'@acme/core': patch", ' '))).toEqual([expect.stringMatching(/^\.changeset\/a\.md says nothing/)]);
    expect(complaintsAbout(changeset("'@acme/core': none", ''))).toEqual([]);
  });

  it.each([changeset("'@acme/core: patch"), changeset('- core'), 'Something.\n', ''])('that cannot be read is named: %j', (text) => {
    expect(complaintsAbout(text)).toEqual([expect.stringMatching(/^\.changeset\/a\.md cannot be read: /)]);
  });

  it('that cannot be read speaks of nothing', async () => {
    expect(await complaintsAfter({ 'packages/core/src/index.ts': '', '.changeset/a.md': changeset("'@acme/core: patch") })).toEqual([
      '@acme/core has changed',
    ]);
  });
});
