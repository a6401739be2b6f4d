/** A command of the release: a program that is started by hand or by a workflow. */
interface Command {
  /** How it is called, and what for. */
  readonly usage: string;
  /** How many arguments it takes at most. */
  readonly takes?: number;
  readonly run: (...given: readonly string[]) => Promise<void>;
}

/** Runs a command. It refuses arguments that it does not know, and says in a sentence why it failed. */
export const runCommand = async ({ usage, takes = 0, run }: Command): Promise<void> => {
  const given = process.argv.slice(2);
  if (given.includes('--help')) {
    console.log(usage);
    return;
  }
  const unknown = given.find((one) => one.startsWith('-')) ?? given[takes];
  if (unknown !== undefined) {
    console.error(`There is no argument ${unknown}.\n${usage}`);
    process.exitCode = 1;
    return;
  }
  try {
    await run(...given);
  } catch (error) {
    // Only what is said to the user is a plain error; a mistake of the program keeps its stack.
    if (!(error instanceof Error) || error.name !== 'Error') throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
};
