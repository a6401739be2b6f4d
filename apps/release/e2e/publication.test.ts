// The steps of a release that ask a registry, against one.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { npmrcOf } from '../src/destination.ts';
import type { Planned } from '../src/plan.ts';
import { complaintsAbout, findingOf, unpublishedOf } from '../src/published.ts';
import { openRegistry, type Registry } from '../src/registry.ts';
import { type Ended, type RunOptions, run, tried } from '../src/run.ts';
import type { Tarball } from '../src/tarballs.ts';
import { packagesOf, ROOT, scopeOf } from '../src/workspace.ts';

const scope = scopeOf();
const OURS = { description: 'Ours.', exports: { '.': { 'workspace-source': './index.js', default: './index.js' } } };
const THEIRS = { description: 'Theirs.', exports: { '.': './index.js' } };

let registry: Registry;
const home = mkdtempSync(join(tmpdir(), 'publisher-'));
const env: RunOptions['env'] = { npm_config_userconfig: join(home, '.npmrc'), NPM_TOKEN: 'anybody' };
const options: RunOptions = { cwd: home, env };

beforeAll(async () => {
  registry = await openRegistry();
  writeFileSync(join(home, '.npmrc'), npmrcOf(scope, registry.url, true));
});
afterAll(async () => {
  await registry.close();
  rmSync(home, { recursive: true, force: true });
});

/** A workspace of packages, packed as changesets does it. */
const packed = async (manifests: Readonly<Record<string, object>>): Promise<{ root: string; tarballs: readonly Tarball[] }> => {
  const root = mkdtempSync(join(tmpdir(), 'released-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const write = (file: string, value: object): void => writeFileSync(join(root, file), JSON.stringify(value));
  write('package.json', { name: 'released', private: true });
  writeFileSync(join(root, 'pnpm-workspace.yaml'), 'packages: [packages/*]\n');
  mkdirSync(join(root, '.changeset'));
  write('.changeset/config.json', { access: 'restricted', baseBranch: 'main' });
  for (const [short, manifest] of Object.entries(manifests)) {
    mkdirSync(join(root, 'packages', short), { recursive: true });
    write(join('packages', short, 'package.json'), { name: `${scope}/${short}`, version: '1.0.0', ...manifest });
    writeFileSync(join(root, 'packages', short, 'index.js'), '');
  }
  await run('git', ['init', '--quiet'], { cwd: root });
  await run('git', ['-c', 'user.name=a', '-c', 'user.email=a@localhost', 'commit', '--quiet', '--allow-empty', '-m', 'All'], { cwd: root });
  const entries = Object.keys(manifests).map((short) => ({
    kind: 'publish',
    name: `${scope}/${short}`,
    version: '1.0.0',
    access: 'restricted',
    tag: 'latest',
  }));
  write('plan.json', { version: 1, plan: entries.map((entry) => [entry]) });
  await changeset(root, 'pack', '--from-publish-plan', 'plan.json', '--out-dir', 'packed');
  return {
    root,
    tarballs: Object.keys(manifests).map((short) => ({
      name: `${scope}/${short}`,
      version: '1.0.0',
      path: join(root, `packed/packages/${scope.slice(1)}-${short}-1.0.0.tgz`),
    })),
  };
};

const changeset = async (cwd: string, ...args: readonly string[]): Promise<string> =>
  run(process.execPath, [join(ROOT, 'node_modules/@changesets/cli/bin.js'), ...args], {
    cwd,
    env: { ...env, GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@localhost', CHANGESETS_OUTPUT: join(cwd, 'output.ndjson') },
  });

const publish = (root: string): Promise<string> => changeset(root, 'publish', '--from-pack-dir', 'packed');
const step = (file: string, root: string, releases: readonly string[] = []): Promise<Ended> =>
  tried(process.execPath, [join(ROOT, 'apps/release/src', file), join(root, 'packed')], {
    cwd: root,
    env: { ...env, RELEASES: releases.join(' ') },
  });
const planIn = (root: string): readonly Planned[] => JSON.parse(readFileSync(join(root, 'packed/publish-plan.json'), 'utf8')).plan.flat();
const tagsIn = async (root: string): Promise<readonly string[]> => (await run('git', ['tag'], { cwd: root })).trim().split('\n');

it('every package of ours can be told by what it exports', () => {
  for (const { manifest } of packagesOf()) expect(JSON.stringify(manifest.exports)).toContain('"workspace-source"');
});

it('tells what the registry lacks, what it has, and what is of others', async () => {
  const { root, tarballs } = await packed({ old: OURS, foreign: THEIRS });
  await publish(root);
  const [old, foreign] = tarballs as [Tarball, Tarball]; // as packed above

  expect(await complaintsAbout([old], options, false)).toEqual([]);
  expect(await complaintsAbout([old], options, true)).toEqual([
    `${old.name}@1.0.0 has no provenance: the registry took it without a trusted publisher.`,
  ]);
  const [newer, other] = [
    { ...old, version: '1.1.0' },
    { ...old, name: `${scope}/new` },
  ];
  expect(await unpublishedOf([old, newer, other], options)).toEqual([newer, other]);
  expect(await complaintsAbout([newer], options, false)).toEqual([`${old.name}@1.1.0 is not at the registry.`]);

  const sentence = `${foreign.name} belongs to others at this registry (newest 1.0.0). Rename the scope: rescope.`;
  expect(await findingOf(foreign, options)).toEqual({ foreign: sentence });
  await expect(unpublishedOf([old, { ...foreign, version: '2.0.0' }], options)).rejects.toThrow(sentence);
});

it('takes up a publication that broke off: publishes the rest, tags all of it, and verifies all of it', async () => {
  const { root, tarballs } = await packed({ first: OURS, second: OURS, earlier: OURS });
  const releases = [`${scope}/first@1.0.0`, `${scope}/second@1.0.0`];
  const file = join(root, 'packed/publish-plan.json');
  const whole = readFileSync(file, 'utf8');
  // The first attempt: one package was taken, and the machine was gone before there was a tag.
  writeFileSync(file, JSON.stringify({ version: 1, plan: [JSON.parse(whole).plan[0]] }));
  await changeset(root, 'publish', '--from-pack-dir', 'packed', '--no-git-tag');
  writeFileSync(file, whole);

  const { code, out, err } = await step('skip-published.ts', root, releases);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toBe(`${scope}/first@1.0.0 is published, and gets its tag if that is missing.\n${scope}/second@1.0.0 is to be published.\n`);
  await publish(root);
  expect(await tagsIn(root)).toEqual(releases);
  expect(await step('verify.ts', root)).toEqual({ code: 0, out: '2 versions looked at, 0 complaints.\n', err: '' });
  expect(await unpublishedOf(tarballs, options)).toEqual(tarballs.slice(2));

  // And once more, when all of it is done.
  expect((await step('skip-published.ts', root, releases)).code).toBe(0);
  expect(planIn(root).map(({ kind }) => kind)).toEqual(['tag-only', 'tag-only']);
  await publish(root);
  expect(await tagsIn(root)).toEqual(releases);
});

it('publishes nothing where the registry has another tarball of a version', async () => {
  const { root } = await packed({ twice: OURS });
  await publish(root);
  const { root: again } = await packed({ twice: { ...OURS, description: 'Ours, of another commit.' } });
  const before = readFileSync(join(again, 'packed/publish-plan.json'), 'utf8');
  expect(await step('skip-published.ts', again, [`${scope}/twice@1.0.0`])).toEqual({
    code: 1,
    out: '',
    err: `${scope}/twice@1.0.0 is at the registry already, and is another tarball than the one that was tested.\n`,
  });
  expect(readFileSync(join(again, 'packed/publish-plan.json'), 'utf8')).toBe(before);
});
