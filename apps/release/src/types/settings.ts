import { join } from 'node:path';
import { RELEASE, ROOT } from '../workspace.ts';

/** A compiler that users may have. */
export interface Compiler {
  readonly name: string;
  readonly program: string;
  /** The settings that it gets, of those below. The older ones need half a minute for all, mostly for the declarations of valibot. */
  readonly settings: readonly string[];
}

/** As many as are in use. */
export const COMPILERS: readonly Compiler[] = [
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

/** A product's way to set its compiler. */
export interface Settings {
  readonly compilerOptions: object;
  /** Whether it has the types of Node. Else they are not even installed. */
  readonly hasNode: boolean;
}

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

const WITHOUT_NODE = { ...STRICT, lib: ['es2022', 'dom'], types: [] } as const;

/** By what an error says of it. */
export const SETTINGS: Readonly<Record<string, Settings>> = {
  'without the types of Node': { compilerOptions: { ...WITHOUT_NODE, module: 'nodenext' }, hasNode: false },
  'for Node, without those of browsers': {
    compilerOptions: { ...STRICT, lib: ['es2024'], types: ['node'], module: 'nodenext' },
    hasNode: true,
  },
  'for a bundler': { compilerOptions: { ...WITHOUT_NODE, module: 'preserve', moduleResolution: 'bundler' }, hasNode: false },
};

/** What cannot do without the types of Node, and why: files of the product. No package of ours is among them: `every-entry-of-….ts`. */
export const NEEDS_NODE: Readonly<Record<string, string>> = {
  'server.ts': 'reads a file and the environment itself',
};
