import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Ended, tried } from './run.ts';

const called = (file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  tried(process.execPath, [join(import.meta.dirname, file), ...args], { cwd: import.meta.dirname, env: { NPM_REGISTRY: '', ...env } });

it.each([['--sooner'], ['now'], ['-h']])('refuses an argument that it does not know: %s', async (argument) => {
  expect(await called('dry.ts', [argument])).toEqual({
    code: 1,
    out: '',
    err: `There is no argument ${argument}.\nrelease:dry: shows what a release would do now.\n`,
  });
});

it('says what it does, and does nothing, when asked for help', async () => {
  expect(await called('dry.ts', ['--help'])).toEqual({ code: 0, out: 'release:dry: shows what a release would do now.\n', err: '' });
});

it.each(['dry.ts', 'pack.ts', 'npmrc.ts'])('%s says what is wrong with a setting in a sentence, not by a stack', async (file) => {
  const { code, out, err } = await called(file, [], { NPM_ACCESS: 'private' });
  expect({ code, out, err }).toEqual({ code: 1, out: '', err: 'NPM_ACCESS is private. Set it to public or to restricted.\n' });
});
