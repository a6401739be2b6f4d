import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { tried } from './run.ts';
import type { Tarball } from './tarballs.ts';

interface Distribution {
  readonly integrity?: string;
  readonly attestations?: object;
}

/**
 * What is wrong with what a registry hands out: a version that is missing, that is not the tarball which was tested, or that lacks the
 * provenance which it should have. Empty where all is well. The registry is the one that `.npmrc` in `cwd` names.
 */
export const complaintsAbout = async (all: readonly Tarball[], cwd: string, needsProvenance: boolean): Promise<readonly string[]> => {
  const each = await Promise.all(
    all.map(async ({ name, version, path }): Promise<readonly string[]> => {
      const { out } = await tried('pnpm', ['view', `${name}@${version}`, 'dist', '--json'], { cwd, deadline: 60_000 });
      const { integrity, attestations } = readDistribution(out);
      if (integrity === undefined) return [`${name}@${version} is not at the registry.`];
      const tested = `sha512-${createHash('sha512').update(readFileSync(path)).digest('base64')}`;
      return [
        ...(integrity === tested ? [] : [`${name}@${version} at the registry is not the tarball that was tested.`]),
        ...(needsProvenance && attestations === undefined
          ? [`${name}@${version} has no provenance: the registry took it without a trusted publisher.`]
          : []),
      ];
    }),
  );
  return each.flat();
};

const readDistribution = (text: string): Distribution => {
  try {
    const found: Distribution = JSON.parse(text);
    return found;
  } catch {
    return {};
  }
};
