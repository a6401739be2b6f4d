// Builds the site: documents and diagrams first, then TypeDoc, then what goes beside its pages.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Application } from 'typedoc';
import { diagrams } from './diagrams/diagrams.ts';
import { llmsFull, llmsList } from './llms.ts';
import { DOCS, SITE } from './paths.ts';
import { finish } from './site/finish.ts';
import { stage } from './stage/stage.ts';

const documents = stage();
process.chdir(DOCS);
const app = await Application.bootstrapWithPlugins({ options: `${DOCS}/typedoc.config.js` });
const project = await app.convert();
if (project !== undefined && !failed()) {
  app.validate(project);
  if (!failed()) await app.generateOutputs(project);
}
if (project === undefined || failed()) {
  console.error('The site was not built: TypeDoc had something to say, see above.');
  process.exit(1);
}
finish(SITE, diagrams());
writeFileSync(join(SITE, 'llms.txt'), llmsList(documents));
writeFileSync(join(SITE, 'llms-full.txt'), llmsFull(documents));

/** Warnings count: each is a page that says less than it should. */
function failed(): boolean {
  return app.logger.hasErrors() || app.logger.hasWarnings();
}
