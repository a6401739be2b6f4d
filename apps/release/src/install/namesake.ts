import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ended } from '../run.ts';
import { ROOT } from '../workspace.ts';

/** Whether another project has our scope on the public registry: until `rescope` takes out what is said of it. */
export const hasNamesake = (): boolean => readFileSync(join(ROOT, 'README.md'), 'utf8').includes('<!-- namesake -->');

/**
 * The version that `npm view NAME version --json` told, `undefined` where there is no package of that name. Anything else is an error: that
 * nothing was heard does not mean that nothing is there.
 */
export const versionIn = ({ out, err }: Ended): string | undefined | Error => {
  const answer = parsed(out);
  if (typeof answer === 'string') return answer;
  if (answer?.error?.code === 'E404') return undefined;
  return new Error(`npm did not tell whether there is such a package: ${err.trim() || out.trim()}`);
};

const parsed = (text: string): string | { readonly error?: { readonly code?: string } } | undefined => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
