import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, tried } from '../run.ts';
import { tarballs } from '../tarballs.ts';
import { type Package, packagesOf, RELEASE, ROOT } from '../workspace.ts';
import { NEEDS_NODE, type Settings } from './settings.ts';

/** An empty project with the tarballs in it, and the files of `product`. There are two: in one of them nothing of Node is installed. */
export interface Product {
  readonly install: () => Promise<Ended>;
  /** Compiles the files of the product, or some of them. */
  readonly compile: (compiler: string, settings: Settings, files?: readonly string[]) => Promise<Ended>;
  /** Adds a line to the declarations of a package, and answers the file that imports it. */
  readonly spoil: (one: Package, line: string) => string;
  readonly remove: () => void;
}

/** In a project without the types of Node, this compiles as long as no declaration that it reads brings them along. */
const WITHOUT_NODE = `// @ts-expect-error: nothing of Node is here.
export type Bytes = Buffer;
// @ts-expect-error: nor is its namespace.
export type Timer = NodeJS.Timeout;
`;

/** Makes the directories. */
export const createProduct = (): Product => {
  const [withNode, without] = [createProject({ '@types/node': versionOfNodeTypes() }), createProject({})];
  without.write('without-node.ts', WITHOUT_NODE);
  return {
    install: async () => {
      const [first, second] = await Promise.all([withNode.install(), without.install()]);
      if (first.code !== 0 || second.code !== 0) return first.code === 0 ? second : first;
      // Else the settings without them would be none.
      const nodes = globSync('node_modules/{.pnpm/,.pnpm/*/node_modules/,}@types/node*', { cwd: without.folder });
      return nodes.length === 0 ? first : { code: 1, out: `The types of Node came with our packages: ${nodes.join(', ')}`, err: '' };
    },
    compile: (compiler, settings, files) => (settings.hasNode ? withNode : without).compile(compiler, settings, files),
    spoil: (one, line) => {
      withNode.spoil(one, line);
      return without.spoil(one, line);
    },
    remove: () => {
      withNode.remove();
      without.remove();
    },
  };
};

interface Project extends Product {
  readonly folder: string;
  readonly write: (file: string, text: string) => void;
}

const createProject = (more: Readonly<Record<string, string>>): Project => {
  const folder = mkdtempSync(join(tmpdir(), 'types-'));
  const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
  const packed = Object.fromEntries(tarballs().map(({ name, path }) => [name, `file:${path}`]));
  const dependencies = { ...packed, ...more };
  write('package.json', JSON.stringify({ private: true, type: 'module', dependencies }));
  // JSON is YAML. Whoever asks for a package of ours gets the tarball, never another project's package from a registry.
  // Copies, as what is spoilt here must not be spoilt in pnpm's store.
  write('pnpm-workspace.yaml', JSON.stringify({ overrides: packed, ignoreScripts: true, packageImportMethod: 'copy' }));
  cpSync(join(RELEASE, 'product'), folder, { recursive: true });
  for (const { name, short, manifest } of packagesOf()) {
    const entries = Object.keys(manifest.exports).map((path, index) => `export * as entry${index} from '${name}${path.slice(1)}';`);
    write(everyEntryOf(short), entries.join('\n'));
  }
  let configurations = 0;
  return {
    folder,
    write,
    install: () => tried('pnpm', ['install', '--prefer-offline', '--no-frozen-lockfile'], { cwd: folder }),
    compile: async (compiler, { compilerOptions, hasNode }, files = globSync('*.ts', { cwd: folder })) => {
      const included = files.filter((file) => hasNode || NEEDS_NODE[file] === undefined);
      configurations += 1;
      const configuration = `tsconfig.${configurations}.json`;
      write(configuration, JSON.stringify({ compilerOptions, files: included }));
      return tried(process.execPath, [compiler, '--pretty', 'false', '-p', configuration], { cwd: folder });
    },
    spoil: ({ name, short }, line) => {
      const file = join('node_modules', name, 'dist/index.d.ts');
      write(file, `${readFileSync(join(folder, file), 'utf8')}\n${line}\n`);
      return everyEntryOf(short);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

const everyEntryOf = (short: string): string => `every-entry-of-${short}.ts`;

const versionOfNodeTypes = (): string => JSON.parse(readFileSync(join(ROOT, 'node_modules/@types/node/package.json'), 'utf8')).version;
