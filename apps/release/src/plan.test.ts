import { describe, expect, it } from 'vitest';
import { type Planned, planOf, withoutPublished } from './plan.ts';
import type { Finding } from './published.ts';

const packageOf = (name: string, ...needs: readonly string[]): Parameters<typeof planOf>[0][number] => ({
  name,
  manifest: { name, version: '1.0.0', exports: {}, dependencies: Object.fromEntries(needs.map((one) => [one, '^1.0.0'])) },
});

describe('the plan of a release', () => {
  it('has a package after all that it needs', () => {
    const packages = [packageOf('c', 'b', 'ky'), packageOf('a', 'ky'), packageOf('b', 'a'), packageOf('d', 'a')];
    const plan = planOf(packages, 'restricted');
    expect(plan.map((chunk) => chunk.map(({ name }) => name))).toEqual([['a'], ['b', 'd'], ['c']]);
    expect(plan[0]).toEqual([{ kind: 'publish', name: 'a', version: '1.0.0', access: 'restricted', tag: 'latest' }]);
  });

  it('is not made for packages that need each other', () => {
    expect(() => planOf([packageOf('a', 'b'), packageOf('b', 'a'), packageOf('c')], 'public')).toThrow(
      'These packages need each other: a, b.',
    );
  });
});

describe('narrowing', () => {
  const entry = (name: string): Planned => ({ kind: 'publish', name, version: '1.0.0' });
  const plan = [[entry('a')], [entry('b'), entry('c')]];
  const narrow = (releases: readonly string[], found: Readonly<Record<string, Finding>>): readonly (readonly Planned[])[] =>
    withoutPublished(plan, {
      releases: new Set(releases),
      found: new Map(Object.entries(found)),
      tested: new Map(['a', 'b', 'c'].map((name) => [name, `sha512-${name}`])),
    });

  it('leaves what the release is for', () => {
    expect(narrow(['b@1.0.0'], { a: { distribution: { integrity: 'sha512-of-an-earlier-commit' } } })).toEqual([[entry('b')]]);
  });

  it('leaves only the tag of what an earlier attempt has published', () => {
    expect(narrow(['a@1.0.0', 'c@1.0.0'], { a: { distribution: { integrity: 'sha512-a' } } })).toEqual([
      [{ ...entry('a'), kind: 'tag-only' }],
      [entry('c')],
    ]);
  });

  it('refuses, naming all of it, what is another tarball there, is of others, or was not packed', () => {
    const found = { a: { distribution: { integrity: 'sha512-other' } }, b: { foreign: 'b belongs to others.' } };
    expect(() => narrow(['a@1.0.0', 'b@1.0.0', 'c@2.0.0'], found)).toThrow(
      new Error(
        [
          'c@2.0.0 is to be released, and was not packed.',
          'a@1.0.0 is at the registry already, and is another tarball than the one that was tested.',
          'b belongs to others.',
        ].join('\n'),
      ),
    );
  });
});
