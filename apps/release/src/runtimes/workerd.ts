import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from '../run.ts';
import { bundled } from './bundle.ts';
import { installed, RUNTIMES } from './installation.ts';
import { type Dispatching, manyRequests } from './requests.ts';
import { DEADLINE, type Report, type Runtime, STEPS, withinDeadline } from './runtime.ts';
import type { Settings } from './settings.ts';

/** What is used of Miniflare, which is no dependency of this app. */
interface Miniflare extends Dispatching {
  readonly dispose: () => Promise<void>;
}

/** The program as a worker, without the compatibility with Node that workerd has on demand. */
export const workerd = (): Runtime => {
  const program = installed('@cloudflare/workerd-*/bin/workerd');
  const miniflare = installed('miniflare/package.json');
  return {
    name: 'workerd',
    steps: [...STEPS, 'requests', 'failures'],
    missing: program === undefined || miniflare === undefined ? 'it could not be installed' : undefined,
    run: async (project, settings) => {
      const title = await run(program ?? '', ['--version'], { cwd: project, deadline: DEADLINE });
      const results = [
        ...(await served(join(project, 'program/worker.js'), (worker) => stepsOf(worker, settings))),
        ...(await served(join(project, 'program/requests.js'), (worker) => manyRequests(worker, settings))),
      ];
      return { title: title.trim(), results };
    },
  };
};

/** The steps of every runtime, in one request. */
const stepsOf = async (worker: Miniflare, settings: Settings): Promise<Report['results']> => {
  const answer = worker.dispatchFetch('http://worker/', { method: 'POST', body: JSON.stringify(settings) });
  const response = await withinDeadline(answer);
  if (!response.ok) throw new Error(`It answered ${response.status}: ${await response.text()}`);
  return response.json();
};

/** Runs a file as a worker. */
const served = async <T>(file: string, use: (worker: Miniflare) => Promise<T>): Promise<T> => {
  const worker = await started(await bundled(file, 'neutral', ['workerd', 'worker', 'import']));
  try {
    return await use(worker);
  } finally {
    await worker.dispose();
  }
};

const started = async (script: string): Promise<Miniflare> => {
  const path = createRequire(join(RUNTIMES, 'package.json')).resolve('miniflare');
  const { Miniflare: Constructor } = await import(pathToFileURL(path).href);
  // `cf` would be asked for on the web.
  return new Constructor({ modules: true, script, compatibilityDate: '2026-07-01', cf: false });
};
