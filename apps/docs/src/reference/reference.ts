import { Application } from 'typedoc';
import { DOCS } from '../paths.ts';

/** Writes the reference as Markdown. Warnings count: each is a page that says less than it should. */
export const reference = async (): Promise<void> => {
  process.chdir(DOCS);
  const app = await Application.bootstrapWithPlugins({ options: `${DOCS}/typedoc.config.js` });
  const isWrong = (): boolean => app.logger.hasErrors() || app.logger.hasWarnings();
  const project = await app.convert();
  if (project !== undefined && !isWrong()) app.validate(project);
  if (project !== undefined && !isWrong()) await app.generateOutputs(project);
  if (project === undefined || isWrong()) throw new Error('There is no reference: TypeDoc had something to say, see above.');
};
