import { rolldown } from 'rolldown';

/** A file of the program with all that it imports, as one text. */
export const bundled = async (input: string, platform: 'browser' | 'neutral', conditionNames: readonly string[]): Promise<string> => {
  // What a worker has from workerd itself is not to be found.
  const external = /^cloudflare:/;
  await using bundle = await rolldown({ input, external, platform, resolve: { conditionNames: [...conditionNames] } });
  const { output } = await bundle.generate({ format: 'esm', codeSplitting: false });
  return output[0].code;
};
