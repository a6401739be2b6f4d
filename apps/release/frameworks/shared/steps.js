/**
 * Runs one step after the other, says how each ended, and in the last line whether all of them passed.
 *
 * @param {Readonly<Record<string, () => unknown>>} steps By the sentence that each proves.
 */
export const run = async (steps) => {
  let failed = 0;
  for (const [sentence, step] of Object.entries(steps)) {
    try {
      await step();
      console.log(`ok     ${sentence}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${sentence}: ${reasonOf(error)}`);
    }
  }
  console.log(failed === 0 ? 'passed' : 'failed');
  process.exitCode = failed === 0 ? 0 : 1;
};

/** @param {unknown} error */
const reasonOf = (error) => {
  if (!(error instanceof Error)) return String(error);
  return ['code' in error ? `${error.code}, ` : '', error.message.replaceAll('\n', ' ')].join('');
};
