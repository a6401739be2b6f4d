import { expect, test } from 'vitest';
import { violations } from './rules.ts';

const manifestWith = (more: object): string => JSON.stringify({ license: 'MIT', ...more });

const SOUND: Readonly<Record<string, string>> = {
  'package.json': manifestWith({ scripts: { prepack: 'x' }, dependencies: { ky: '2.1.0', jose: '^6.0.0' }, bin: { it: './bin/it.js' } }),
  'README.md': 'Text',
  LICENSE: 'Text',
  'CHANGELOG.md': 'Text',
  'AGENTS.md': 'Text',
  'bin/it.js': '#!/usr/bin/env node\n',
  'dist/index.js': '',
  'dist/index.js.map': JSON.stringify({ sources: ['../src/index.ts'] }),
  'dist/index.d.ts': '',
  'dist/index.d.ts.map': JSON.stringify({ sources: ['../src/index.ts'] }),
  'src/index.ts': '',
};

const found = (changes: Readonly<Record<string, string | undefined>>): readonly string[] => {
  const contents = { ...SOUND, ...changes };
  const files = Object.keys(contents).filter((file) => contents[file] !== undefined);
  return violations({ files, read: (file) => contents[file] ?? '' }, { places: ['/home/somebody/'], licence: 'Text' });
};

test('finds nothing wrong with a sound package', () => {
  expect(found({})).toEqual([]);
});

test.each([
  ['a missing file', { 'CHANGELOG.md': undefined }, 'CHANGELOG.md is missing'],
  ['a test', { 'src/index.test.ts': '' }, 'src/index.test.ts is of no use'],
  ['a type test', { 'src/index.test-d.ts': '' }, 'src/index.test-d.ts is of no use'],
  ['fixtures', { 'src/fixtures/page.ts': '' }, 'src/fixtures/page.ts is of no use'],
  ['what a compiler remembers', { 'dist/build.tsbuildinfo': '' }, 'dist/build.tsbuildinfo is of no use'],
  ['an API report', { 'api/it.api.md': '' }, 'api/it.api.md is of no use'],
  ['an add-on that is compiled at the installation', { 'binding.gyp': '' }, 'binding.gyp is of no use'],
  ['a source that is left out', { 'dist/index.js.map': JSON.stringify({ sources: ['../src/gone.ts'] }) }, 'leads to src/gone.ts'],
  [
    'another licence',
    { 'package.json': manifestWith({ license: 'GPL-3.0-only' }) },
    'the licence is "GPL-3.0-only", and the repository is under MIT',
  ],
  ['no licence', { 'package.json': '{}' }, 'the licence is undefined'],
  ['the text of another licence', { LICENSE: 'GNU GENERAL PUBLIC LICENSE' }, 'LICENSE has another text'],
  ['a file without a map', { 'dist/index.d.ts.map': undefined }, 'dist/index.d.ts has no map'],
  ['a path of the machine', { 'dist/index.js': "'/home/somebody/secret'" }, 'dist/index.js mentions /home/somebody/'],
  ['a range of the catalog', { 'package.json': manifestWith({ peerDependencies: { ky: 'catalog:' } }) }, 'says «"catalog:"»'],
  ['a script at the installation', { 'package.json': manifestWith({ scripts: { postinstall: 'x' } }) }, '«postinstall»'],
  ['a script at a dependency from git', { 'package.json': manifestWith({ scripts: { prepare: 'x' } }) }, '«prepare»'],
  ['a range of the workspace', { 'package.json': manifestWith({ dependencies: { ky: 'workspace:^' } }) }, 'ky by «workspace:^»'],
  ['a command without its first line', { 'bin/it.js': '' }, 'bin/it.js is missing, or does not start'],
])('finds %s', (_, changes, sentence) => {
  expect(found(changes).join('\n')).toContain(sentence);
});
