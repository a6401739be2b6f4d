// TypeDoc's options. `src/build.ts` writes `generated`, which this reads, first.
import { DOCS, GENERATED, PACKAGES, ROOT } from './src/paths.ts';
import { GROUP_ORDER } from './src/reference/groups.ts';
import { documents, GROUPS } from './src/stage/documents.ts';

const VALIDATION = {
  notExported: true,
  invalidLink: true,
  invalidPath: true,
  rewrittenLink: true,
  notDocumented: true,
  unusedMergeModuleWith: true,
};

// The name of a property says enough where it is plain data; everything else has a sentence.
const DOCUMENTED = ['Enum', 'EnumMember', 'Variable', 'Function', 'Class', 'Interface', 'Method', 'Accessor', 'TypeAlias'];

export default {
  name: 'Bank-data authentication',
  plugin: [`${DOCS}/src/reference/plugin.ts`],
  entryPointStrategy: 'packages',
  entryPoints: PACKAGES.map((name) => `${ROOT}/packages/${name}`),
  packageOptions: {
    entryPoints: ['src/index.ts'],
    tsconfig: 'tsconfig.build.json',
    // Sources, as in all our checks, so that nothing has to be built first. `rootDir` has to hold what is imported from other packages.
    compilerOptions: {
      customConditions: ['workspace-source'],
      noEmit: true,
      rootDir: ROOT,
      declaration: false,
      declarationMap: false,
      isolatedDeclarations: false,
    },
    // The compiler of the workspace has checked them, and it is the newer one.
    skipErrorChecking: true,
    excludeInternal: true,
    // What errors and promises have from the language itself is not ours to document.
    excludeExternals: true,
    disableSources: true,
    validation: VALIDATION,
    requiredToBeDocumented: DOCUMENTED,
  },
  validation: VALIDATION,
  requiredToBeDocumented: DOCUMENTED,
  treatWarningsAsErrors: true,
  disableSources: true,
  out: 'site',
  cleanOutputDir: true,
  readme: `${GENERATED}/index.md`,
  projectDocuments: documents().map(({ name }) => `${GENERATED}/${name}.md`),
  router: 'short',
  sort: ['documents-first', 'source-order'],
  sortEntryPoints: false,
  groupOrder: [...GROUPS, 'Modules', ...GROUP_ORDER],
  headings: { readme: true, document: true },
  navigation: { includeGroups: true, includeCategories: false, includeFolders: false },
  includeHierarchySummary: false,
  visibilityFilters: {},
  searchInDocuments: true,
  favicon: 'src/site/favicon.svg',
  customCss: 'src/site/style.css',
  highlightLanguages: ['bash', 'dotenv', 'ini', 'json', 'ruby', 'sql', 'toml', 'tsx', 'typescript', 'yaml'],
  // The themes with enough contrast on our backgrounds.
  lightHighlightTheme: 'github-light-high-contrast',
  darkHighlightTheme: 'github-dark-high-contrast',
  hideGenerator: true,
};
