import { describe, expect, it } from 'vitest';
import { disagreements } from './licences.ts';
import { permitted, unpinned } from './lockfile.ts';

describe('a licence', () => {
  const under = (licence: string, name = 'it') => ({ [licence]: [{ name, versions: ['1.0.0'] }] });

  it.each(['MIT', '(MIT OR GPL-3.0-only)', 'MIT AND ISC'])('is agreed to for users: %s', (licence) => {
    expect(disagreements(under(licence), 'users')).toEqual([]);
  });

  it.each(['GPL-3.0-only', 'MIT AND GPL-3.0-only', 'MPL-2.0', 'CC0-1.0', 'Unknown', 'SEE LICENSE IN LICENSE'])(
    'is refused for users: %s',
    (licence) => {
      expect(disagreements(under(licence), 'users')).toEqual([`it@1.0.0, which is for users, is under the licence: ${licence}`]);
    },
  );

  it('is excepted for the tool that has it, and for no other', () => {
    expect(disagreements(under('MPL-2.0', 'axe-core'), 'tools')).toEqual([]);
    expect(disagreements(under('MPL-2.0', 'axe-core'), 'users')).toHaveLength(1);
    expect(disagreements(under('MPL-2.0'), 'tools')).toHaveLength(1);
  });
});

describe('a lockfile', () => {
  const SHA = `sha512-${'a'.repeat(86)}==`;
  const resolved = (resolution: string): string => `packages:\n  ky@2.1.0:\n    resolution: {${resolution}}\n`;

  it('pins packages by their contents', () => {
    expect(unpinned(resolved(`integrity: ${SHA}`))).toEqual([]);
  });

  it.each([
    ['a weak sum', 'integrity: sha1-aaaa', 'ky@2.1.0 has no sha512'],
    ['a file', `integrity: ${SHA}, tarball: ky.tgz`, 'ky@2.1.0 is not from a registry: its resolution says tarball'],
    ['a commit', 'type: git, commit: abc', 'its resolution says type, commit'],
    ['an address', `integrity: ${SHA}, tarball: 'https://packages.invalid/ky.tgz'`, 'It mentions https://packages.invalid/ky.tgz'],
  ])('does not pin %s', (_, resolution, sentence) => {
    expect(unpinned(resolved(resolution)).join('\n')).toContain(sentence);
  });
});

it('lets the pinned Node alone run something at an installation', () => {
  expect(permitted('allowBuilds: { node: true, bun: false }')).toEqual([]);
  expect(permitted('allowBuilds: { node: true, bun: true }')).toEqual(['allowBuilds lets bun run scripts when it is installed']);
  expect(permitted('dangerouslyAllowAllBuilds: true')).toEqual(['dangerouslyAllowAllBuilds lets everything run']);
});
