import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type RunOptions, tried } from './run.ts';
import type { Tarball } from './tarballs.ts';

/** What a registry says of a version. */
export interface Distribution {
  readonly integrity: string;
  readonly attestations?: object;
}

/** What pnpm says of a version, or of a package, that is not there. */
const ABSENT: ReadonlySet<unknown> = new Set(['ERR_PNPM_PACKAGE_NOT_FOUND', 'ERR_PNPM_FETCH_404']);

/**
 * Asks the registry that `.npmrc` names, or another one, for a version. `undefined` where it is not there; rejects where the registry gives
 * no answer.
 */
export const distributionOf = async (
  name: string,
  version: string,
  options: RunOptions,
  registry?: string,
): Promise<Distribution | undefined> => {
  const from = registry === undefined ? [] : [`--registry=${registry}`];
  const { out, err } = await tried('pnpm', ['view', `${name}@${version}`, 'dist', '--json', ...from], { deadline: 60_000, ...options });
  const answer = parsed(out);
  if (answer.integrity !== undefined) return { ...answer, integrity: answer.integrity };
  if (ABSENT.has(answer.error?.code)) return undefined;
  throw new Error(`The registry did not tell whether it has ${name}@${version}: ${answer.error?.message ?? err.trim()}`);
};

/** Which of them the registry lacks. */
export const unpublishedOf = async (all: readonly Tarball[], options: RunOptions): Promise<readonly Tarball[]> => {
  const found = await Promise.all(all.map(({ name, version }) => distributionOf(name, version, options)));
  return all.filter((_, index) => found[index] === undefined);
};

/**
 * What is wrong with what a registry hands out: a version that is missing, that is not the tarball which was tested, or that lacks the
 * provenance which it should have. Empty where all is well.
 */
export const complaintsAbout = async (
  all: readonly Tarball[],
  options: RunOptions,
  needsProvenance: boolean,
): Promise<readonly string[]> => {
  const each = await Promise.all(
    all.map(async ({ name, version, path }): Promise<readonly string[]> => {
      const found = await distributionOf(name, version, options);
      if (found === undefined) return [`${name}@${version} is not at the registry.`];
      const tested = `sha512-${createHash('sha512').update(readFileSync(path)).digest('base64')}`;
      return [
        ...(found.integrity === tested ? [] : [`${name}@${version} at the registry is not the tarball that was tested.`]),
        ...(needsProvenance && found.attestations === undefined
          ? [`${name}@${version} has no provenance: the registry took it without a trusted publisher.`]
          : []),
      ];
    }),
  );
  return each.flat();
};

interface Answer extends Partial<Distribution> {
  readonly error?: { readonly code: string; readonly message: string };
}

const parsed = (text: string): Answer => {
  try {
    const answer: Answer = JSON.parse(text);
    return answer;
  } catch {
    return {};
  }
};
