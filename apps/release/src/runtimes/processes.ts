import { tried } from '../run.ts';
import { installed } from './installation.ts';
import { DEADLINE, type Runtime, STEPS } from './runtime.ts';

/** The runtimes that run a file. Deno gets no permission but the one to reach the vendors. */
export const processes = (): readonly Runtime[] => [
  processRuntime('Node 22', installed('node22/bin/node'), []),
  processRuntime('Node 24', process.execPath, []),
  processRuntime('Node 26', installed('node26/bin/node'), []),
  // Not by the wrappers of both packages: one wants to run a script first, and a wrapper's child outlives it when it is ended.
  processRuntime('Bun', installed('@oven/bun-*/bin/bun'), ['--no-install']),
  processRuntime('Deno', installed('@deno/*/deno'), [
    'run',
    ...['--no-prompt', '--no-lock', '--cached-only', '--node-modules-dir=manual', '--allow-net=127.0.0.1'],
  ]),
];

const processRuntime = (name: string, program: string | undefined, args: readonly string[]): Runtime => ({
  name,
  steps: [...STEPS, 'failures'],
  missing: program === undefined ? 'it could not be installed' : undefined,
  run: async (project, settings) => {
    const { code, out, err } = await tried(program ?? '', [...args, 'program/process.js', JSON.stringify(settings)], {
      cwd: project,
      deadline: DEADLINE,
      env: { NODE_OPTIONS: undefined, DENO_DIR: `${project}/deno`, DENO_NO_UPDATE_CHECK: '1', DO_NOT_TRACK: '1', NO_COLOR: '1' },
    });
    if (code !== 0) throw new Error(`It ended with ${code}. ${err}`);
    return JSON.parse(out);
  },
});
