import { expect, test } from 'vitest';
import { installedOn, installedWith, type Lockfile, unpinned } from './lockfile.ts';

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

test('lists what an installation brings to a machine: all that something leads to which is for it, under its own name', () => {
  const lockfile: Lockfile = {
    importers: {
      '.': { devDependencies: { tool: { version: '1.0.0(peer@3.0.0)' }, old: { version: 'engine@22.0.0' } } },
      app: { dependencies: { core: { version: 'link:../core' } }, optionalDependencies: { picture: { version: '1.0.0' } } },
    },
    packages: {
      'tool-linux@1.0.0': { resolution: {}, os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
      'tool-musl@1.0.0': { resolution: {}, os: ['linux'], cpu: ['x64'], libc: ['musl'] },
      'tool-windows@1.0.0': { resolution: {}, os: ['win32'], cpu: ['x64'] },
      'picture@1.0.0': { resolution: {}, os: ['!win32'] },
    },
    snapshots: {
      'tool@1.0.0(peer@3.0.0)': {
        dependencies: { peer: '3.0.0', 'tool-cjs': 'tool@0.9.0' },
        optionalDependencies: { 'tool-linux': '1.0.0', 'tool-musl': '1.0.0', 'tool-windows': '1.0.0' },
      },
      'tool@0.9.0': {},
      'peer@3.0.0': {},
      'engine@22.0.0': {},
      'tool-linux@1.0.0': {},
      'tool-musl@1.0.0': {},
      'tool-windows@1.0.0': { dependencies: { registry: '1.0.0' } },
      'registry@1.0.0': {},
      'picture@1.0.0': {},
    },
  };
  const both = ['engine@22.0.0', 'peer@3.0.0', 'tool@0.9.0', 'tool@1.0.0'];
  const on = (os: string, libc?: string): readonly string[] => [...installedOn({ os, cpu: 'x64', libc }, lockfile)].sort();
  expect(on('linux', 'glibc')).toEqual([...both, 'picture@1.0.0', 'tool-linux@1.0.0'].sort());
  expect(on('win32')).toEqual([...both, 'registry@1.0.0', 'tool-windows@1.0.0'].sort());
});
