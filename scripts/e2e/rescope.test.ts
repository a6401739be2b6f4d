import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Copy, copyOfWorkspace } from '../copy.ts';
import { SCOPE } from '../new-provider/generate.ts';

/** It has another length, so that lines break elsewhere, and sorts before other scopes. */
const RENAMED = '@acme-bank';

/** Everything is compiled again there, which takes minutes on a busy machine. */
const timeout = 600_000;

describe('a copy whose scope was renamed', { timeout }, () => {
  let copy: Copy;
  const git = (...args: readonly string[]): string => execFileSync('git', args, { cwd: copy.root, encoding: 'utf8' });
  beforeAll(() => {
    copy = copyOfWorkspace();
    copy.pnpm('rescope', RENAMED);
  }, timeout);
  afterAll(() => copy.remove());

  it('has the old scope nowhere', () => {
    expect(() => git('grep', '-nIwE', `${SCOPE}(/|:|\\b)`)).toThrow(expect.objectContaining({ status: 1 }));
    expect(git('grep', '-lIF', `${RENAMED}/core`).split('\n').length).toBeGreaterThan(100);
  });

  it('is in the style of the repository', () => {
    copy.pnpm('exec', 'biome', 'check', '--error-on-warnings', '.');
  });

  it('compiles', () => {
    copy.pnpm('exec', 'turbo', 'run', 'typecheck', '--output-logs=errors-only');
  });

  it('builds, with the lockfile that was renamed', () => {
    copy.pnpm('install', '--frozen-lockfile');
    copy.pnpm('exec', 'turbo', 'run', 'build', '--output-logs=errors-only');
  });

  it('passes the tests of a package', () => {
    expect(copy.pnpm('test', 'packages/store-encrypted')).toMatch(/^[1-9]\d* passed, 0 failed/m);
  });

  it('is not renamed again, neither to the same scope nor while there are uncommitted changes', () => {
    expect(() => copy.pnpm('rescope', RENAMED)).toThrow(`The scope is ${RENAMED} already.`);
    expect(() => copy.pnpm('rescope', '@another')).toThrow('There are uncommitted changes.');
  });
});

it.each([
  ['acme', 'cannot be a scope'],
  ['@Acme', 'cannot be a scope'],
  ['@acme/core', 'cannot be a scope'],
  ['@types', 'Packages of others'],
])('refuses %s', (scope, sentence) => {
  expect(() =>
    execFileSync(process.execPath, ['rescope.ts', scope], { cwd: `${import.meta.dirname}/..`, encoding: 'utf8', stdio: 'pipe' }),
  ).toThrow(expect.objectContaining({ stderr: expect.stringContaining(sentence) }));
});
