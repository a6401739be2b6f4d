import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const TEMPLATE = 'scripts/new-provider/template';

/** What is beside the providers. Every other folder of `packages` is one. */
const OTHERS = /^(?:core|conformance|sandbox|otel|cli|store-.+)$/;
const packages = globSync('packages/*/package.json', { cwd: root }).map((file) => dirname(file).replace(/^packages./, ''));
const names = packages.filter((name) => !OTHERS.test(name)).sort();
const providers = [...names.map((name) => ({ name, folder: `packages/${name}` })), { name: 'acme', folder: TEMPLATE }];

/** What a source file imports, by any of the forms, types included. */
const importsOf = (file: string): readonly string[] => {
  const source = read(file);
  const { module, program } = parseSync(file, source);
  const types: string[] = [];
  new Visitor({ TSImportType: ({ source: { value } }) => void types.push(value) }).visit(program);
  const reexported = module.staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []));
  // Of a template with something to fill in, its beginning says where it leads.
  const loaded = module.dynamicImports.flatMap(
    ({ moduleRequest: { start, end } }) => /^['"`]([^'"`$]*)/.exec(source.slice(start, end))?.[1] ?? [],
  );
  return [...module.staticImports.map(({ moduleRequest }) => moduleRequest.value), ...reexported, ...loaded, ...types];
};

/** The folder of the workspace that a file is in: the longest that fits. */
const workspaceOf = (file: string): string =>
  workspaces.filter((folder) => folder === '.' || file.startsWith(`${folder}/`)).sort((a, b) => b.length - a.length)[0] ?? '.';

/** The files of the repository that a file imports: by their path, or by the name of its own package. */
const localImportsOf = (file: string): readonly string[] =>
  importsOf(file).flatMap((specifier) => {
    if (specifier.startsWith('.')) return join(dirname(file), specifier);
    const folder = workspaceOf(file);
    const { name, exports = {} } = JSON.parse(read(`${folder}/package.json`));
    if (specifier !== name && !specifier.startsWith(`${name}/`)) return [];
    const entry = exports[`.${specifier.slice(name.length)}`];
    const path: unknown = typeof entry === 'string' ? entry : entry?.['workspace-source'];
    return typeof path === 'string' ? join(folder, path) : [];
  });

/** Every folder with a `package.json` of its own, and the root. */
const workspaces = [
  '.',
  TEMPLATE,
  ...globSync('{packages,apps,examples}/*/package.json', { cwd: root }).map((file) => dirname(file)),
  'scripts',
].sort();
/** Products of users, which import what the matrix of frameworks puts beside them. */
const PRODUCTS = 'apps/release/frameworks/';

/** Every source that git knows or would take. */
const sources = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter((file) => /\.[cm]?[jt]sx?$/.test(file) && !file.startsWith(PRODUCTS) && existsSync(join(root, file)));

const capital = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

it('finds the providers', () => {
  expect(names).toEqual(expect.arrayContaining(['budgea', 'finicity']));
});

describe.each(providers)('$name in $folder', ({ name, folder }) => {
  const index = (): string => read(`${folder}/src/index.ts`);

  it.each([
    ...['package.json', 'tsconfig.json', 'tsconfig.build.json', 'README.md'],
    ...[
      name,
      'index',
      'options',
      'errors',
      'application',
      'api/operations',
      'api/schemas',
      'api/ids',
      'api/error-body',
      'conformance.test',
    ].map((file) => `src/${file}.ts`),
  ])('has %s', (file) => {
    expect(existsSync(join(root, folder, file))).toBe(true);
  });

  it('exports the factory, its plugin, and the types by which products name them', () => {
    const exported = [...index().matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list = '']) =>
      list.split(',').map((one) => one.trim()),
    );
    const own = ['Options', 'Provider', 'Api'].map((suffix) => `${capital(name)}${suffix}`);
    expect(exported).toEqual(expect.arrayContaining([name, `${name}Plugin`, ...own, 'ManagedAuthority', 'SecretSource']));
    expect(index()).not.toContain('export *');
  });

  it('has a file for each capability, and a capability for each such file', () => {
    const [, declared = ''] = /interface \w+Provider extends AuthProvider<([^>]+)>/.exec(read(`${folder}/src/${name}.ts`)) ?? [];
    const capabilities = [...declared.matchAll(/'(\w+)'/g)].flatMap(([, capability = '']) => kebab(capability));
    expect(capabilities.length).toBeGreaterThan(0);
    for (const capability of capabilities)
      expect(`${folder}/src: ${globSync('*.ts', { cwd: join(root, folder, 'src') })}`).toContain(`${capability}.ts`);
    for (const capability of ['secret', 'users', 'user-tokens', 'codes', 'revocation', 'connect'])
      expect([capability, existsSync(join(root, folder, 'src', `${capability}.ts`))]).toEqual([
        capability,
        capabilities.includes(capability),
      ]);
  });

  it('imports no other provider, and nothing that it does not depend on', () => {
    const { dependencies, devDependencies } = JSON.parse(read(`${folder}/package.json`));
    for (const file of globSync(`${folder}/src/**/*.ts`, { cwd: root })) {
      const isTest = /\.test(-d)?\.ts$/.test(file);
      const allowed = Object.keys({ ...dependencies, ...(isTest && devDependencies) });
      const foreign = importsOf(file).filter(
        (specifier) =>
          !specifier.startsWith('.') &&
          !allowed.some((one) => specifier === one || specifier.startsWith(`${one}/`)) &&
          !(isTest && /^(?:node:|vitest$)/.test(specifier)),
      );
      expect({ file, foreign }).toEqual({ file, foreign: [] });
    }
  });
});

/** As much of a plugin as every one has. */
interface Plugin {
  readonly id: string;
  readonly contract: number;
  readonly fields: readonly { readonly name: string; readonly variable: string; readonly label: string }[];
}

describe.each(names)('the plugin of %s', (name) => {
  it('has the id of its folder, contract 1, and variables that begin with it', async () => {
    const module: Readonly<Record<string, unknown>> = await import(join(root, 'packages', name, 'src/index.ts'));
    const plugin = module[`${name}Plugin`] as Plugin; // checked by the next lines
    expect([plugin.id, plugin.contract, typeof module[name]]).toEqual([name, 1, 'function']);
    for (const { variable, label } of plugin.fields) {
      expect(variable).toMatch(new RegExp(`^${name.toUpperCase()}_[A-Z_]+$`));
      expect(label).not.toBe('');
    }
    expect(plugin.fields.map((field) => field.name)).toContain('baseUrl');
  });
});

describe('the arrows between packages', () => {
  const manifest = (folder: string) => JSON.parse(read(`${folder}/package.json`));
  const folderOf = new Map<string, string>(packages.map((name) => [manifest(`packages/${name}`).name, name]));
  const within = (list: object | undefined): readonly string[] => Object.keys(list ?? {}).flatMap((name) => folderOf.get(name) ?? []);
  /** 0: core. 1: what is built on it alone. 2: what knows several. */
  const rank = (name: string): number => (name === 'core' ? 0 : /^(?:cli|otel)$/.test(name) ? 2 : 1);

  it.each(packages)('of %s point down', (name) => {
    const { dependencies, peerDependencies } = manifest(`packages/${name}`);
    for (const dependency of within({ ...dependencies, ...peerDependencies }))
      expect(`${dependency} ${rank(dependency) < rank(name)}`).toBe(`${dependency} true`);
  });

  it.each(names)('of %s do not lead to another provider, not even for its tests', (name) => {
    const { dependencies, devDependencies, peerDependencies } = manifest(`packages/${name}`);
    expect(within({ ...dependencies, ...devDependencies, ...peerDependencies }).filter((one) => names.includes(one))).toEqual([]);
  });

  it("end in core's «.», which imports nothing from npm and no module of Node's, whatever it loads on demand", () => {
    const seen = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const specifier of importsOf(file)) {
        expect({ file, specifier }).toEqual({ file, specifier: expect.stringMatching(/^\.\.?\/.*\.ts$/) });
        visit(join(dirname(file), specifier));
      }
    };
    visit('packages/core/src/index.ts');
    expect(seen.size).toBeGreaterThan(20);
    expect([...seen].some((file) => file.includes('/kit/'))).toBe(false);
  });

  const dependents = packages.filter((name) => within(manifest(`packages/${name}`).dependencies).includes('core'));
  it.each([...dependents.map((name) => `packages/${name}`), TEMPLATE])('begin in %s with the marker that only our core has', (folder) => {
    expect(importsOf(`${folder}/src/index.ts`)[0]).toMatch(/^@[^/]+\/core\/not-Auth\.js$/);
  });

  it('name the file of that marker as one with effects, so that bundlers keep the import without a warning', () => {
    const { sideEffects, exports } = manifest('packages/core');
    const { 'workspace-source': source, default: built } = exports['./not-Auth.js'];
    expect(sideEffects).toEqual([built, source]);
  });
});

describe.each(workspaces)('imports in %s', (folder) => {
  const files = sources.filter((file) => workspaceOf(file) === folder);

  it('reach into the folder of no other workspace', () => {
    expect(files.length).toBeGreaterThan(0);
    const reaching = files.flatMap((file) =>
      localImportsOf(file)
        .filter((imported) => workspaceOf(imported) !== folder || imported.includes('node_modules'))
        .map((imported) => `${file} imports ${imported}`),
    );
    expect(reaching).toEqual([]);
  });

  it('name files as they are, so that nothing is missed here', () => {
    const unknown = files.flatMap((file) =>
      importsOf(file)
        // What is built need not be there.
        .filter((specifier) => /^\.{1,2}\/.*\w$/.test(specifier) && !/\/(?:dist|generated)\//.test(specifier))
        .filter((specifier) => !existsSync(join(root, dirname(file), specifier)))
        .map((specifier) => `${file} imports ${specifier}`),
    );
    expect(unknown).toEqual([]);
  });

  it('make no circle, not even of types', () => {
    expect(circleIn(files)).toEqual([]);
  });
});

it('finds a circle, and an import of a type', () => {
  expect(circleIn(['a', 'b', 'c', 'd'], (file) => ({ a: ['b'], b: ['c', 'd'], c: ['b'] })[file] ?? [])).toEqual(['b', 'c', 'b']);
  expect(localImportsOf('packages/core/src/authorized-fetch.ts')).toContain('packages/core/src/errors.ts');
  expect(localImportsOf('packages/core/src/engine/engine.ts')).toContain('packages/core/src/engine/shared/coordination.ts');
});

describe('the guide to adding a provider', () => {
  const guide = read('ADDING_A_PROVIDER.md');

  it('has at most 60 lines', () => {
    expect(guide.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  });

  it('names files that exist, or that a new provider has', () => {
    const paths = [...guide.matchAll(/`([\w.-]+\/[\w./-]+|\.changeset)`/g)].flatMap(([, path = '']) => path);
    expect(paths.length).toBeGreaterThan(15);
    for (const path of paths) {
      const real = path.replace('packages/NAME', TEMPLATE).replace('NAME', 'acme');
      expect(`${path} ${existsSync(join(root, real))}`).toBe(`${path} true`);
    }
  });

  it('names commands that exist', () => {
    const { scripts, packageManager } = JSON.parse(read('package.json'));
    const commands = [...guide.matchAll(/npx -y (\S+) ([\w:-]+)/g)];
    expect(commands.length).toBeGreaterThan(3);
    for (const [, manager, command = ''] of commands)
      expect([manager, Object.keys(scripts)]).toEqual([packageManager.split('+')[0], expect.arrayContaining([command])]);
  });

  it('names every capability of the contract', () => {
    const [, list = ''] = /export interface Capabilities \{([\s\S]*?)\n\}/.exec(read('packages/core/src/capabilities.ts')) ?? [];
    const capabilities = [...list.matchAll(/^ {2}(\w+):/gm)].flatMap(([, capability = '']) => capability);
    expect(capabilities.length).toBeGreaterThan(5);
    for (const capability of capabilities.filter((one) => one !== 'application')) {
      expect(guide).toContain(`\`${capability}\``);
      expect(read(`${TEMPLATE}/src/acme.ts`)).toContain(`TODO: \`${capability}\``);
    }
  });
});

/** The first circle: each file imports the next one, and the last is the first. */
const circleIn = (files: readonly string[], importedBy = localImportsOf): readonly string[] => {
  const done = new Set<string>();
  const from = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file) || !files.includes(file)) return [];
    const circle = importedBy(file)
      .map((imported) => from(imported, [...path, file]))
      .find((found) => found.length > 0);
    done.add(file);
    return circle ?? [];
  };
  return files.map((file) => from(file, [])).find((found) => found.length > 0) ?? [];
};
