import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Registry } from '../registry.ts';
import { scopeOf } from '../workspace.ts';
import { openProject } from './project.ts';
import { expectEqual, type Trial } from './trial.ts';

/** Where nobody listens. */
const ELSEWHERE = 'http://127.0.0.1:9/';

/** That all other trials are about this registry: those who run this may have our scope from another one. */
export const misledTrials = ({ npmrc }: Registry): readonly Trial[] =>
  (['npm', 'pnpm'] as const).map((manager) => ({
    name: `${manager} asks this registry, although the user's own files send ${scopeOf()} elsewhere`,
    run: async () => {
      const home = mkdtempSync(join(tmpdir(), 'home-'));
      const line = `${scopeOf()}:registry=${ELSEWHERE}\n`;
      writeFileSync(join(home, '.npmrc'), line);
      mkdirSync(join(home, '.config/pnpm'), { recursive: true });
      writeFileSync(join(home, '.config/pnpm/auth.ini'), line);
      writeFileSync(join(home, '.config/pnpm/config.yaml'), JSON.stringify({ registries: { [scopeOf()]: ELSEWHERE } }));
      const project = openProject({ manager, npmrc, env: { HOME: home } });
      try {
        const core = `${scopeOf()}/core`;
        await project.install(core);
        expectEqual('Installed', Object.keys(project.installed(scopeOf())), [core]);
      } finally {
        project.remove();
        rmSync(home, { recursive: true, force: true });
      }
    },
  }));
