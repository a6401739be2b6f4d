import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel, type ExtractorMessage } from '@microsoft/api-extractor';
import type { Entry } from './entries.ts';

/** API Extractor brings its own compiler, which does not read what the packages are built with. */
const compilerOptions = {
  target: 'es2022',
  lib: ['es2024', 'dom', 'dom.iterable', 'esnext.disposable'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  types: [],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
};

/** Release tags are not used here, and TypeDoc says what lacks a sentence or an export. */
const NOTHING = { default: { logLevel: ExtractorLogLevel.None } };

/** Reads the public surface of entries. What one uses and does not export is in it too, as users depend on that as well. */
export const surfaceReader = (entries: readonly Entry[], scratch: string): ((entry: Entry) => string) => {
  const missing = entries.find(({ declarations }) => !existsSync(declarations));
  if (missing !== undefined) throw new Error(`${missing.name} was not built. Run the script «build» first.`);
  const files = entries.map(({ declarations }) => declarations);
  let compilerState: CompilerState | undefined;
  return (entry) => {
    const config = configOf(entry, files, scratch);
    // One run of the compiler for all entries.
    compilerState ??= CompilerState.create(config, { additionalEntryPoints: files });
    const { succeeded } = Extractor.invoke(config, { localBuild: true, compilerState, messageCallback: silence });
    if (!succeeded) throw new Error(`API Extractor could not read the declarations of ${entry.name}: ${entry.declarations}.`);
    return readFileSync(config.reportFilePath, 'utf8');
  };
};

const configOf = ({ folder, declarations }: Entry, include: readonly string[], scratch: string): ExtractorConfig =>
  ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: declarations,
      newlineKind: 'lf',
      compiler: { overrideTsconfig: { compilerOptions, include } },
      apiReport: {
        enabled: true,
        includeForgottenExports: true,
        reportFolder: scratch,
        reportTempFolder: scratch,
        reportFileName: 'surface',
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: { extractorMessageReporting: NOTHING, tsdocMessageReporting: NOTHING },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
  });

/** Its greetings, and what it thinks of the version of its compiler. */
const silence = (message: ExtractorMessage): void => {
  if (message.category === 'console' && message.logLevel !== 'error') message.handled = true;
};
