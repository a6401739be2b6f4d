import { expect, it } from 'vitest';
import { violations } from './rules.ts';

const manifestWith = (more: object): string => JSON.stringify({ scripts: { prepack: 'x' }, dependencies: { jose: '^6.0.0' }, ...more });

const SOUND: Readonly<Record<string, string>> = {
  'package.json': manifestWith({}),
  'README.md': '',
  LICENSE: '',
  'CHANGELOG.md': '',
  'dist/index.js': '',
  'dist/index.js.map': JSON.stringify({ sources: ['../src/index.ts'] }),
  'src/index.ts': '',
};

const found = (changes: Readonly<Record<string, string>>): string => {
  const contents = { ...SOUND, ...changes };
  const places = ['/srv/checkout/'];
  return violations({ files: Object.keys(contents), read: (file) => contents[file] ?? '' }, places).join('\n');
};

it('finds nothing wrong with a sound package', () => {
  expect(found({})).toBe('');
});

it.each([
  ['a test', { 'src/index.test.ts': '' }, 'src/index.test.ts is of no use'],
  ['a path of the machine', { 'dist/index.js': "'/srv/checkout/secret'" }, 'dist/index.js mentions /srv/checkout/'],
  ['a path of another machine', { 'README.md': 'in /Users/somebody/code' }, 'README.md mentions /Users/somebody/'],
  ['a source that is left out', { 'dist/index.js.map': JSON.stringify({ sources: ['../src/gone.ts'] }) }, 'leads to src/gone.ts'],
  ['a script at the installation', { 'package.json': manifestWith({ scripts: { postinstall: 'x' } }) }, 'a script postinstall'],
  ['a range of the workspace', { 'package.json': manifestWith({ dependencies: { ky: 'workspace:^' } }) }, 'ky by workspace:^'],
  ['a range of the catalog', { 'package.json': manifestWith({ peerDependencies: { ky: 'catalog:' } }) }, 'ky by catalog:'],
])('finds %s', (_, changes, sentence) => {
  expect(found(changes)).toContain(sentence);
});
