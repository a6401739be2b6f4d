import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from '../run.ts';
import { bundled } from './bundle.ts';
import { installed, RUNTIMES } from './installation.ts';
import { DEADLINE, type Runtime, STEPS, withinDeadline } from './runtime.ts';

/** What is used of Miniflare, which is no dependency of this app. */
interface Miniflare {
  readonly dispatchFetch: (url: string, init: { readonly method: string; readonly body: string }) => Promise<Response>;
  readonly dispose: () => Promise<void>;
}

/** The program as a worker, without the compatibility with Node that workerd has on demand. */
export const workerd = (): Runtime => {
  const program = installed('@cloudflare/workerd-*/bin/workerd');
  const miniflare = installed('miniflare/package.json');
  return {
    name: 'workerd',
    steps: STEPS,
    missing: program === undefined || miniflare === undefined ? 'it could not be installed' : undefined,
    run: async (project, settings) => {
      const script = await bundled(join(project, 'program/worker.js'), 'neutral', ['workerd', 'worker', 'import']);
      const title = await run(program ?? '', ['--version'], { cwd: project, deadline: DEADLINE });
      const worker = await started(script);
      try {
        const answer = worker.dispatchFetch('http://worker/', { method: 'POST', body: JSON.stringify(settings) });
        const response = await withinDeadline(answer);
        if (!response.ok) throw new Error(`It answered ${response.status}: ${await response.text()}`);
        return { title: title.trim(), results: await response.json() };
      } finally {
        await worker.dispose();
      }
    },
  };
};

const started = async (script: string): Promise<Miniflare> => {
  const path = createRequire(join(RUNTIMES, 'package.json')).resolve('miniflare');
  const { Miniflare: Constructor } = await import(pathToFileURL(path).href);
  // `cf` would be asked for on the web.
  return new Constructor({ modules: true, script, compatibilityDate: '2026-07-01', cf: false });
};
