/** What a README tells a newcomer to do, up to the end of its first example. */
export interface FirstSteps {
  /** What the install line names: `['@auth/core', '@auth/finicity', 'redis']`. */
  readonly installs: readonly string[];
  /** Commands between the install line and the example. */
  readonly commands: readonly string[];
  /** The first example: a whole module. */
  readonly example: string;
}

/** Reads them from the text of a README, whose first blocks of `sh` and `ts` they are. Throws where one is missing. */
export const firstSteps = (text: string): FirstSteps => {
  const blocks = [...text.matchAll(/^```(?<language>sh|ts)[^\n]*\n(?<code>[\s\S]*?)^```$/gm)].map(({ groups }) => groups ?? {});
  const end = blocks.findIndex(({ language }) => language === 'ts');
  const example = blocks[end]?.['code'];
  const [first = '', ...commands] = blocks.slice(0, Math.max(end, 0)).flatMap(({ code = '' }) => code.trimEnd().split('\n'));
  const names = /^npm install (?:--save-dev )?(?<names>.+)$/.exec(first)?.groups?.['names'];
  if (example === undefined || names === undefined) throw new Error('There is no line `npm install …` before the first example.');
  return { installs: names.split(' '), commands, example };
};
