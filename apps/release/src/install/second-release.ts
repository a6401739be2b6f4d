import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finicitySandbox } from '@auth/sandbox';
import type { Copy } from '../copy.ts';
import type { Registry } from '../registry.ts';
import { run } from '../run.ts';
import { packagesOf, scopeOf } from '../workspace.ts';
import { openProject } from './project.ts';
import { firstStepsOf } from './readme.ts';
import { expectEqual, expectText, type Trial } from './trial.ts';

const NEW_IN_CORE = 'Says more about a token.';
const MENDED = 'Renews a minute earlier.';

/**
 * In a copy whose packages are published: a minor version of core and a patch of one provider, released as the workflow does it. Answers
 * what has to hold then.
 */
export const secondReleaseTrials = async (copy: Copy, registry: Registry): Promise<readonly Trial[]> => {
  const scope = scopeOf(copy.root);
  const [core, finicity, budgea] = ['core', 'finicity', 'budgea'].map((short) => `${scope}/${short}`) as [string, string, string]; // one for each of three
  const before = versionsOf(copy);
  const [first, minor, patch] = [before[core] ?? '', bumped(before[core], 1), bumped(before[finicity], 2)];

  say(copy, 'more-in-core', { [core]: 'minor' }, NEW_IN_CORE);
  say(copy, 'mended-finicity', { [finicity]: 'patch' }, MENDED);
  await copy.exec('changeset', 'version');
  await copy.exec('changeset', 'publish-plan', '--output', 'plan.json');
  const plan: Plan = JSON.parse(readFileSync(join(copy.root, 'plan.json'), 'utf8'));
  await copy.exec('changeset', 'pack', '--from-publish-plan', 'plan.json', '--out-dir', 'packed');
  await copy.exec('changeset', 'publish', '--from-pack-dir', 'packed', '--no-git-tag');
  const published = async (name: string): Promise<Published> => {
    const response = await fetch(new URL(name.replace('/', '%2f'), registry.url));
    return (await response.json()) as Published; // as every registry answers
  };

  return [
    {
      name: 'a second release: publishes what has changed, and nothing else',
      run: async () => {
        const planned = plan.plan.flat().map(({ name, version }) => `${name}@${version}`);
        expectEqual('The plan', planned.sort(), [`${core}@${minor}`, `${finicity}@${patch}`]);
        expectEqual('Versions', versionsOf(copy), { ...before, [core]: minor, [finicity]: patch });
        expectEqual(`Published versions of ${budgea}`, Object.keys((await published(budgea)).versions), [before[budgea]]);
      },
    },
    {
      name: 'a second release: a provider asks for the core that it was tested with, and one that was not released stays as it is',
      run: async () => {
        expectEqual(`What ${finicity} needs`, (await published(finicity)).versions[patch]?.dependencies[core], `^${minor}`);
        expectEqual(`What ${budgea} needs`, (await published(budgea)).versions[before[budgea] ?? '']?.dependencies[core], `^${first}`);
      },
    },
    {
      name: 'a second release: each changelog says what changed for its readers, newest first',
      run: async () => {
        const [ofCore, ofFinicity, ofBudgea] = [changelogOf(copy, 'core'), changelogOf(copy, 'finicity'), changelogOf(copy, 'budgea')];
        expectText('That of core', ofCore, `# ${core}\n\n## ${minor}\n\n### Minor Changes\n\n- ${NEW_IN_CORE}\n\n## ${first}\n`);
        const comesAlong = `- Needs \`${core}\` ${(await published(finicity)).versions[patch]?.dependencies[core]}.`;
        expectText('That of finicity', ofFinicity, `## ${patch}\n\n### Patch Changes\n\n- ${MENDED}\n${comesAlong}\n\n## `);
        expectEqual('New versions in that of budgea', ofBudgea.includes(`## ${minor}`), false);
        const travels = await run('tar', ['-xzOf', tarballOf(copy, core), 'package/CHANGELOG.md'], { cwd: copy.root });
        expectEqual('The one in the tarball', travels, ofCore);
      },
    },
    ...(['npm', 'pnpm'] as const).map(
      (manager): Trial => ({
        name: `a second release, by ${manager}: a provider of the first works with core of the second, of which there is one copy`,
        run: async () => {
          const sandbox = finicitySandbox();
          const { url, close } = await sandbox.listen();
          const project = openProject({ manager, npmrc: registry.npmrc, env: { AUTH_PROVIDER: 'finicity', ...sandbox.environment(url) } });
          try {
            await project.install(`${core}@${minor}`, `${finicity}@${before[finicity]}`, budgea);
            expectEqual('Installed', project.installed(scope), {
              [budgea]: [before[budgea]],
              [core]: [minor],
              [finicity]: [before[finicity]],
            });
            project.write('example.ts', firstStepsOf('packages/finicity').example);
            expectText('The example', await project.run(process.execPath, 'example.ts'), /^200 /);
          } finally {
            project.remove();
            await close();
          }
        },
      }),
    ),
    {
      name: 'a major version of core: every package that depends on it follows, by a patch',
      run: async () => {
        say(copy, 'another-core', { [core]: 'major' }, 'Takes something away.');
        await copy.exec('changeset', 'status', '--output', 'status.json');
        const { releases }: { readonly releases: readonly { readonly name: string; readonly type: string }[] } = JSON.parse(
          readFileSync(join(copy.root, 'status.json'), 'utf8'),
        );
        // Those that are not published stand in it too.
        const released = releases.filter(({ type }) => type !== 'none');
        const dependents = packagesOf(copy.root).filter(({ manifest }) => manifest.dependencies?.[core] !== undefined);
        const expected = Object.fromEntries([[core, 'major'], ...dependents.map(({ name }) => [name, 'patch'])].sort());
        expectEqual('The plan', Object.fromEntries(released.map(({ name, type }) => [name, type]).sort()), expected);
      },
    },
  ];
};

interface Plan {
  readonly plan: readonly (readonly { readonly name: string; readonly version: string; readonly tarball?: { readonly path: string } }[])[];
}

interface Published {
  readonly versions: Readonly<Record<string, { readonly dependencies: Readonly<Record<string, string>> }>>;
}

const versionsOf = (copy: Copy): Readonly<Record<string, string>> =>
  Object.fromEntries(packagesOf(copy.root).map(({ name, manifest: { version } }) => [name, version]));

/** `1.4.2` with its minor (1) or patch (2) counted up. */
const bumped = (version: string | undefined, part: 1 | 2): string =>
  (version ?? '')
    .split('.')
    .map((number, index) => (index < part ? number : index === part ? Number(number) + 1 : 0))
    .join('.');

const changelogOf = ({ root }: Copy, short: string): string => readFileSync(join(root, 'packages', short, 'CHANGELOG.md'), 'utf8');

/** Writes a changeset. */
const say = (copy: Copy, name: string, releases: Readonly<Record<string, string>>, summary: string): void => {
  mkdirSync(join(copy.root, '.changeset'), { recursive: true });
  const lines = Object.entries(releases).map(([one, type]) => `'${one}': ${type}`);
  writeFileSync(join(copy.root, `.changeset/${name}.md`), ['---', ...lines, '---', '', summary, ''].join('\n'));
};

/** The file of a package among those that `changeset pack` made. */
const tarballOf = (copy: Copy, name: string): string => {
  const packed: Plan = JSON.parse(readFileSync(join(copy.root, 'packed/publish-plan.json'), 'utf8'));
  return join(copy.root, 'packed', packed.plan.flat().find((one) => one.name === name)?.tarball?.path ?? '');
};
