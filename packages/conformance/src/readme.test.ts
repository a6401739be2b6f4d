import { readFileSync } from 'node:fs';
import { memoryStore } from '@auth/core';
import { describe, expect, it } from 'vitest';
import { fixtureOf } from '../test/acme-fixture.ts';
import { providerContract, storeContract } from './index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The names as they stand there: rows of the fixture, and values of one kind, are told once. */
const told = (names: readonly string[], pattern: RegExp, once: string): readonly string[] => [
  ...new Set(names.map((name) => (pattern.test(name) ? once : name))),
];

describe('the README lists every check, and no other', () => {
  it('of providers', () => {
    const rows = readme.split('\n').filter((line) => line.startsWith('| '));
    // After the two lines of the head.
    const listed = rows.slice(2).map((row) => row.split('|')[1]?.trim());
    const names = providerContract(fixtureOf()).map(({ name }) => name);
    expect(listed).toEqual(told(names, /^explains .* as \w+$/, 'explains … as …'));
  });

  it('of stores', () => {
    const [, list = ''] = /A store of this kind:\n\n([\s\S]*)$/.exec(readme) ?? [];
    const lines = list.trim().split('\n');
    const values = lines
      .find((line) => line.startsWith('- takes …'))
      ?.replace(/^.*: /, '')
      .split(', ');
    const fixture = { create: () => memoryStore(), elapse: () => {}, restart: () => {}, unreachable: () => memoryStore() };
    const names = storeContract(fixture).map(({ name }) => name);
    expect(lines.map((line) => line.replace(/^- /, '').replace(/^takes ….*/, 'takes …'))).toEqual(
      told(names, /^takes .* for a value$/, 'takes …'),
    );
    expect(values?.map((value) => `takes ${value} for a value`)).toEqual(names.filter((name) => name.endsWith('for a value')));
  });
});
