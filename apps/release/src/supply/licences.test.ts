import { expect, test } from 'vitest';
import type { Installed } from './installed.ts';
import { disagreements } from './licences.ts';

const under = (name: string, licence: string): Installed => ({ name, version: '1.0.0', licence, onInstall: [] });

test('lets tools have licences that what users install may not have', () => {
  const packages = [under('a', 'WTFPL'), under('b', 'MIT')];
  expect(disagreements(packages, new Set(['b@1.0.0']))).toEqual([]);
  expect(disagreements(packages, new Set(['a@1.0.0']))).toEqual(['a@1.0.0, which users install, is under WTFPL']);
});

test('makes an exception for a tool by name and licence, and for nothing that users install', () => {
  const axe = under('axe-core', 'MPL-2.0');
  expect(disagreements([axe], new Set())).toEqual([]);
  expect(disagreements([axe], new Set(['axe-core@1.0.0']))).toHaveLength(1);
  expect(disagreements([under('axe-core', 'AGPL-3.0-only')], new Set())).toHaveLength(1);
  expect(disagreements([under('other', 'MPL-2.0')], new Set())).toHaveLength(1);
});

test('does not take silence for a licence', () => {
  expect(disagreements([under('a', '')], new Set())).toEqual(['a@1.0.0, which we work with, is under no licence that it names']);
});
