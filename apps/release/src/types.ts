// The declarations that are published, read by the compilers that users have, with nothing skipped.
import { cpSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { installTarballs } from './installed.ts';
import { type Ended, tried } from './run.ts';
import { packagesOf, RELEASE, ROOT } from './workspace.ts';

/** The strictest that there is: nobody's own settings may find anything in our declarations. */
const STRICT = {
  target: 'es2022',
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  allowImportingTsExtensions: true,
  skipLibCheck: false,
  // The compiler's own are not ours.
  skipDefaultLibCheck: true,
} as const;

/** Nothing of Node is installed beside the tarballs; where its types are wanted, they are those of this workspace. */
const SETTINGS = {
  'without the types of Node': { ...STRICT, lib: ['es2022', 'dom'], types: [], module: 'nodenext' },
  'for Node, without those of browsers': {
    ...STRICT,
    lib: ['es2024'],
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
    module: 'nodenext',
  },
  'for a bundler': { ...STRICT, lib: ['es2022', 'dom'], types: [], module: 'preserve', moduleResolution: 'bundler' },
} as const;

type Setting = keyof typeof SETTINGS;

/** A compiler that users may have. The older ones need half a minute for all settings, mostly for the declarations of valibot. */
const COMPILERS: readonly { readonly name: string; readonly program: string; readonly settings: readonly Setting[] }[] = [
  {
    name: 'TypeScript 5.9',
    program: join(RELEASE, 'node_modules/typescript-5.9/bin/tsc'),
    settings: ['without the types of Node', 'for Node, without those of browsers'],
  },
  {
    name: 'TypeScript 6.0',
    program: join(RELEASE, 'node_modules/typescript-6.0/bin/tsc'),
    settings: ['without the types of Node', 'for Node, without those of browsers'],
  },
  {
    name: 'TypeScript 7',
    program: join(ROOT, 'node_modules/typescript/bin/tsc'),
    settings: ['without the types of Node', 'for Node, without those of browsers', 'for a bundler'],
  },
];

/** The only file of the product that needs the types of Node: it reads a file and the environment itself. */
const NEEDS_NODE = 'server.ts';

/** A declaration file with a type of Node and one that nobody has. Where a compiler reads it without a complaint, it does not read ours either. */
const SPOILT = 'spoilt.d.ts';

const folder = await installTarballs();
cpSync(join(RELEASE, 'product'), folder, { recursive: true });
for (const { name, short, manifest } of packagesOf()) {
  const entries = Object.keys(manifest.exports).map((path, index) => `export * as entry${index} from '${name}${path.slice(1)}';`);
  writeFileSync(join(folder, `every-entry-of-${short}.ts`), entries.join('\n'));
}
mkdirSync(join(folder, 'spoilt'));
writeFileSync(join(folder, 'spoilt', SPOILT), 'export declare const bytes: Buffer;\nexport declare const nothing: NoSuchType;\n');

let configurations = 0;
const compile = async (program: string, setting: Setting, files: readonly string[]): Promise<Ended> => {
  configurations += 1;
  const configuration = join(folder, `tsconfig.${configurations}.json`);
  writeFileSync(configuration, JSON.stringify({ compilerOptions: SETTINGS[setting], files }));
  return tried(process.execPath, [program, '--pretty', 'false', '-p', configuration], { cwd: folder });
};

const complaintsOf = async ({ name, program }: (typeof COMPILERS)[number], setting: Setting): Promise<readonly string[]> => {
  const hasNode = setting.startsWith('for Node');
  const { code, out, err } = await compile(
    program,
    setting,
    globSync('*.ts', { cwd: folder }).filter((file) => hasNode || file !== NEEDS_NODE),
  );
  const spoilt = await compile(program, setting, [`spoilt/${SPOILT}`]);
  const missed = ['NoSuchType', ...(hasNode ? [] : ['Buffer'])].filter((type) => !spoilt.out.includes(`'${type}'`));
  return [
    // Without the place where pnpm keeps a package.
    ...(code === 0 ? [] : [`${name}, ${setting}:\n${out.replaceAll(/^.*?node_modules\/\.pnpm\/.*?\/node_modules\//gm, '')}${err}`]),
    ...missed.map((type) => `${name}, ${setting}, does not notice a declaration with the unknown type ${type}.`),
  ];
};

// The slowest first.
const waiting = COMPILERS.flatMap((compiler) => compiler.settings.map((setting) => [compiler, setting] as const));
const work = async (): Promise<void> => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
    for (const complaint of await complaintsOf(...next)) {
      console.error(complaint);
      process.exitCode = 1;
    }
};
await Promise.all(Array.from({ length: availableParallelism() }, work));
