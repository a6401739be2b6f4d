/** Properties of plain data have no sentence by intention, and all that is exported is public. */
const NOISE = /^ *\/\/ (@public|\(undocumented\)|@public \(undocumented\)|\(No @packageDocumentation .*\))\n/gm;

/** A report without what says the same of everything. */
export const withoutNoise = (report: string): string => report.replaceAll(NOISE, '').replaceAll(/\n{3,}/g, '\n\n');

/** The report of a further entry without the declarations that it only uses and that are in the report of the main entry. */
export const withoutRepetition = (report: string, main: string): string => {
  const exported = new Set(main.split('\n\n').filter((block) => block.startsWith('export ')));
  const blocks = report.split('\n\n');
  return blocks.filter((block) => !exported.has(`export ${block}`)).join('\n\n');
};
