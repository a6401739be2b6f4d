import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type RunOptions, tried } from './run.ts';
import type { Tarball } from './tarballs.ts';

/** What a registry says of a version. */
export interface Distribution {
  readonly integrity: string;
  readonly attestations?: object;
}

/** What a registry has under a name. */
export interface Finding {
  /** The version that was asked for. `undefined` where it is not there. */
  readonly distribution?: Distribution;
  /** A sentence, where the name is another project's. */
  readonly foreign?: string;
}

/** A version of a package. */
type Version = Pick<Tarball, 'name' | 'version'>;

/** What pnpm says of a version, or of a package, that is not there. */
const ABSENT: ReadonlySet<unknown> = new Set(['ERR_PNPM_PACKAGE_NOT_FOUND', 'ERR_PNPM_FETCH_404']);

/**
 * Asks the registry that `.npmrc` names, or another one, for a version, and for whose the name is. Rejects where the registry gives no
 * answer.
 */
export const findingOf = async ({ name, version }: Version, options: RunOptions, registry?: string): Promise<Finding> => {
  const exact = await viewed(`${name}@${version}`, options, registry);
  if (exact !== undefined && !isForeign(exact)) return { distribution: exact.dist };
  const newest = await viewed(name, options, registry);
  if (newest === undefined || !isForeign(exact ?? newest)) return {};
  return { foreign: `${name} belongs to others at this registry (newest ${newest.version}). Rename the scope: rescope.` };
};

/**
 * Which of them the registry lacks. Rejects, naming each, where names are another project's: nothing of ours can be published under them.
 */
export const unpublishedOf = async <T extends Version>(all: readonly T[], options: RunOptions): Promise<readonly T[]> => {
  const found = await Promise.all(all.map((one) => findingOf(one, options)));
  const foreign = found.flatMap(({ foreign: sentence = [] }) => sentence);
  if (foreign.length > 0) throw new Error(foreign.join('\n'));
  return all.filter((_, index) => found[index]?.distribution === undefined);
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
      const found = (await viewed(`${name}@${version}`, options))?.dist;
      if (found === undefined) return [`${name}@${version} is not at the registry.`];
      return [
        ...(found.integrity === integrityOf(path) ? [] : [`${name}@${version} at the registry is not the tarball that was tested.`]),
        ...(needsProvenance && found.attestations === undefined
          ? [`${name}@${version} has no provenance: the registry took it without a trusted publisher.`]
          : []),
      ];
    }),
  );
  return each.flat();
};

/** As registries write it. */
export const integrityOf = (file: string): string => `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;

/** What is asked of a manifest. Registries that hand out only what installers need leave out what is optional here. */
interface Manifest {
  readonly version: string;
  readonly description?: string;
  readonly exports?: unknown;
  readonly dist: Distribution;
}

/** Every package of ours has the export condition that this workspace reads sources by. Where the registry tells too little, the name counts as ours. */
const isForeign = ({ description, exports }: Manifest): boolean =>
  (description !== undefined || exports !== undefined) && !JSON.stringify(exports ?? '').includes('"workspace-source"');

/** The manifest of a version, or of the newest one. `undefined` where it is not there. */
const viewed = async (spec: string, options: RunOptions, registry?: string): Promise<Manifest | undefined> => {
  const from = registry === undefined ? [] : [`--registry=${registry}`];
  const args = ['view', spec, 'version', 'description', 'exports', 'dist', '--json', ...from];
  const { out, err } = await tried('pnpm', args, { deadline: 60_000, ...options });
  const { error, version, dist, ...manifest } = parsed(out);
  if (version !== undefined && dist?.integrity !== undefined) return { ...manifest, version, dist };
  if (ABSENT.has(error?.code)) return undefined;
  throw new Error(`The registry did not tell whether it has ${spec}: ${error?.message ?? err.trim()}`);
};

interface Answer extends Partial<Manifest> {
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
