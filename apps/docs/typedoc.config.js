// TypeDoc's options: the reference of all packages as Markdown, from their sources.
import { DOCS, GENERATED, PACKAGES, ROOT } from './src/paths.ts';

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
  name: 'Reference',
  plugin: ['typedoc-plugin-markdown', 'typedoc-vitepress-theme', `${DOCS}/src/reference/plugin.ts`],
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
    // READMEs are pages of their own.
    readme: 'none',
    validation: VALIDATION,
    requiredToBeDocumented: DOCUMENTED,
  },
  validation: VALIDATION,
  requiredToBeDocumented: DOCUMENTED,
  treatWarningsAsErrors: true,
  disableSources: true,
  readme: 'none',
  out: `${GENERATED}/reference`,
  docsRoot: GENERATED,
  cleanOutputDir: true,
  router: 'short',
  excludeScopesInPaths: true,
  entryFileName: 'index',
  sort: ['source-order'],
  sortEntryPoints: false,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  expandObjects: true,
  // Properties stay lists: a table with the types of functions is wider than any page.
  parametersFormat: 'table',
  indexFormat: 'table',
  tableColumnSettings: { hideModifiers: true, hideOverrides: true, hideInherited: true, hideSources: true },
  // Not `rawName`, whose type parameters would be elements to the generator.
  pageTitleTemplates: { member: '{name}', module: 'Every export of {name}' },
};
