import { expect, test } from 'vitest';
import { installedWith, type Lockfile, unpinned } from './lockfile.ts';

const SHA = `sha512-${'a'.repeat(86)}==`;

const lockfileOf = (resolution: Readonly<Record<string, unknown>>): Lockfile => ({
  importers: {},
  packages: { 'ky@2.1.0': { resolution } },
});

test('finds nothing wrong with packages that are pinned by their contents', () => {
  expect(unpinned('ky@2.1.0: {}', lockfileOf({ integrity: SHA }))).toEqual([]);
});

test.each([
  ['a weak sum', { integrity: 'sha1-aaaa' }, 'ky@2.1.0 has no sha512'],
  ['no sum', {}, 'ky@2.1.0 has no sha512'],
  ['a file', { integrity: SHA, tarball: 'ky.tgz' }, 'ky@2.1.0 is not from a registry: its resolution says tarball'],
  ['a commit', { type: 'git', commit: 'abc' }, 'its resolution says type, commit'],
])('finds a package that is resolved by %s', (_, resolution, sentence) => {
  expect(unpinned('', lockfileOf(resolution)).join('\n')).toContain(sentence);
});

test('finds the address of a registry', () => {
  expect(unpinned("tarball: 'https://packages.invalid/ky.tgz'", { importers: {} })).toEqual([
    'It mentions https://packages.invalid/ky.tgz, which not everybody can reach',
  ]);
});

test('lists what is installed with a package, through those beside it, without peers and development', () => {
  const lockfile: Lockfile = {
    importers: {
      'packages/core': { dependencies: { valibot: { version: '1.5.0(typescript@7.0.2)' } } },
      'packages/acme': { dependencies: { core: { version: 'link:../core' }, hono: { version: '4.13.19' } } },
    },
    packages: {
      'valibot@1.5.0': { resolution: {}, peerDependencies: { typescript: '>=5' } },
    },
    snapshots: {
      'valibot@1.5.0(typescript@7.0.2)': { optionalDependencies: { typescript: '7.0.2' } },
      'hono@4.13.19': { dependencies: { ky: '2.1.0' } },
      'ky@2.1.0': { dependencies: { hono: '4.13.19' } },
    },
  };
  expect([...installedWith('packages/acme', lockfile)].sort()).toEqual(['hono@4.13.19', 'ky@2.1.0', 'valibot@1.5.0']);
});
