import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const { scripts, packageManager } = JSON.parse(read('package.json'));

/** Programs of dependencies, and pnpm's own commands. */
const OTHERS = ['changeset', 'exec', 'install'];

it.each(['CONTRIBUTING.md', 'AGENTS.md', '.devcontainer/devcontainer.json', ...globSync('.github/*.md', { cwd: root })])(
  '%s names commands that exist, of the pnpm of the workspace',
  (file) => {
    const commands = [...read(file).matchAll(/npx -y (\S+) ([\w:-]+)/g)];
    expect(commands.length).toBeGreaterThan(0);
    for (const [, manager, command] of commands)
      expect([manager, [...OTHERS, ...Object.keys(scripts)]]).toEqual([packageManager.split('+')[0], expect.arrayContaining([command])]);
  },
);

describe('CI', () => {
  it('runs what `.ci/run` runs', () => {
    const { command } = parse(read('.github/workflows/ci.yml')).jobs.run.strategy.matrix;
    const here = [...read('.ci/run').matchAll(/^(?:counted|npx -y \S+) (?!install)([\w:-]+)/gm)].map(([, name]) => name);
    expect(here.length).toBeGreaterThan(2);
    expect(here).toEqual(command);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(here));
  });
});

describe('an editor', () => {
  it('without Biome indents and breaks lines as Biome does', () => {
    const { formatter } = JSON.parse(read('biome.json'));
    const { indent_style, indent_size, max_line_length } = Object.fromEntries(
      [...read('.editorconfig').matchAll(/^(\w+) = (.*)$/gm)].map(([, name, value]) => [name, value]),
    );
    expect({ indentStyle: indent_style, indentWidth: Number(indent_size), lineWidth: Number(max_line_length) }).toEqual(formatter);
  });

  it('debugs programs that exist, on the Node of the workspace, which finds the sources of packages', () => {
    const { configurations } = JSON.parse(read('.vscode/launch.json'));
    expect(configurations.length).toBe(2);
    for (const { runtimeExecutable, runtimeArgs, program } of configurations) {
      expect(runtimeArgs).toContain('--conditions=workspace-source');
      for (const path of [runtimeExecutable, program])
        expect(`${path} ${existsSync(join(root, path.replace(/^\$\{workspaceFolder\}/, '')))}`).toBe(`${path} true`);
    }
  });
});
