import { join } from 'node:path';
import { leaveOut } from '../offline.ts';
import type { Registry } from '../registry.ts';
import { tarballs } from '../tarballs.ts';
import { packagesOf, scopeOf } from '../workspace.ts';
import { hasNamesake, versionIn } from './namesake.ts';
import { openProject } from './project.ts';
import { expectText, type Trial } from './trial.ts';

/**
 * What a user meets who gets the package of another project that has core's name on the public registry, where there is one. It is the real
 * package, from the registry of this machine.
 */
export const wrongCoreTrials = async (registry: Registry): Promise<readonly Trial[]> => {
  const core = `${scopeOf()}/core`;
  // Of a project without the line for our scope.
  const npmrc = `registry=${registry.upstream}\n`;
  const asking = openProject({ manager: 'npm', npmrc });
  const answer = await asking.tryRun('npm', 'view', core, 'version', '--json').finally(asking.remove);
  const theirs = versionIn(answer);
  if (theirs instanceof Error) return [{ name: `whether another project has the name ${core}`, run: () => Promise.reject(theirs) }];
  if (theirs === undefined) {
    if (hasNamesake()) leaveOut(`the wrong ${core}`, `${registry.upstream} has no package of this name`);
    return [];
  }
  const ours = tarballs().filter(({ name }) => name !== core);

  return [
    {
      name: `${core}@${theirs} of the other project: our registry does not hand it on`,
      run: async () => {
        const project = openProject({ manager: 'npm', npmrc: registry.npmrc });
        try {
          expectText('npm', (await project.tryInstall(`${core}@${theirs}`)).err, /E404|ETARGET/);
        } finally {
          project.remove();
        }
      },
    },
    {
      name: `${core}@${theirs} of the other project: is in no range that our packages ask for`,
      run: async () => {
        // A project that forgot the line in `.npmrc`, and has a provider from elsewhere.
        const project = openProject({ manager: 'npm', npmrc });
        try {
          const { err } = await project.tryInstall(ours[0]?.path ?? '');
          expectText('npm', err, `No matching version found for ${core}@`);
        } finally {
          project.remove();
        }
      },
    },
    {
      name: `${core}@${theirs} of the other project, forced: each of our packages fails by the name of what is wrong`,
      run: async () => {
        const project = openProject({ manager: 'npm', npmrc, manifest: { overrides: { [core]: theirs } } });
        try {
          await project.install(...ours.map(({ path }) => path));
          for (const { name } of packagesOf().filter((one) => one.name !== core)) {
            const { code, err } = await project.tryRun(process.execPath, '--input-type=module', '--eval', `await import('${name}')`);
            if (code === 0) throw new Error(`${name} does not notice.`);
            // In Node's words: a path that is not exported, or a module that is not there.
            expectText(name, err, /not-Auth\.js' (?:is not defined|imported from)/);
            expectText(name, err, join(name, 'dist/index.js'));
          }
        } finally {
          project.remove();
        }
      },
    },
  ];
};
