import { expect, test } from 'vitest';
import { permissions, unknownScripts } from './scripts.ts';

const withScripts = (name: string, ...onInstall: readonly string[]) => ({ name, version: '1.0.0', licence: 'MIT', onInstall });

test('lets the pinned Node alone run something', () => {
  expect(permissions({ node: true, bun: false })).toEqual([]);
  expect(permissions({ node: true, bun: true })).toEqual(['allowBuilds lets bun run scripts when it is installed']);
});

test('names each package that would run something, unless its reason is known', () => {
  expect(unknownScripts([withScripts('node', 'preinstall'), withScripts('deno', 'postinstall'), withScripts('ky')])).toEqual([]);
  expect(unknownScripts([withScripts('better', 'install', 'binding.gyp')])).toEqual([
    'better@1.0.0 has install, binding.gyp for its installation',
  ]);
});
