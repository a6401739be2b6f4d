import type { Destination } from './destination.ts';
import type { Finding } from './published.ts';
import type { Package } from './workspace.ts';

/** An entry of the plan that changesets publishes by. */
export interface Planned {
  /** `tag-only`: nothing goes to the registry, but the tag and the release at GitHub are made if they are missing. */
  readonly kind: 'publish' | 'tag-only';
  readonly name: string;
  readonly version: string;
}

/** What `changeset publish-plan` answers where nothing is published yet: first those that need none of the others, then those that need only these … */
export const planOf = (
  packages: readonly Pick<Package, 'name' | 'manifest'>[],
  access: Destination['access'],
): readonly (readonly Planned[])[] => {
  const left = new Map(packages.map((one) => [one.name, one.manifest]));
  const chunks: Planned[][] = [];
  while (left.size > 0) {
    const ready = [...left.values()].filter(({ dependencies = {} }) => !Object.keys(dependencies).some((name) => left.has(name)));
    if (ready.length === 0) throw new Error(`These packages need each other: ${[...left.keys()].join(', ')}.`);
    chunks.push(ready.map(({ name, version }) => ({ kind: 'publish', name, version, access, tag: 'latest' })));
    for (const { name } of ready) left.delete(name);
  }
  return chunks;
};

/** What narrowing goes by. */
export interface Narrowing {
  /** What this release is for, as `name@version`: what the registry lacked when it began. */
  readonly releases: ReadonlySet<string>;
  /** What the registry has now under each name. */
  readonly found: ReadonlyMap<string, Finding>;
  /** The integrity of each tarball. */
  readonly tested: ReadonlyMap<string, string>;
}

/**
 * What of a plan is left to do. What an earlier attempt has published only gets its tag. Throws, naming each, where the registry has another
 * tarball, or another project's package, as publishing the rest would leave a release of two minds.
 */
export const withoutPublished = <T extends Planned>(
  plan: readonly (readonly T[])[],
  { releases, found, tested }: Narrowing,
): readonly (readonly T[])[] => {
  const named = ({ name, version }: Planned): string => `${name}@${version}`;
  const meant = plan.map((chunk) => chunk.filter((one) => releases.has(named(one)))).filter((chunk) => chunk.length > 0);
  const planned = new Set(meant.flat().map(named));
  const complaints = [
    ...[...releases].filter((one) => !planned.has(one)).map((one) => `${one} is to be released, and was not packed.`),
    ...meant.flat().flatMap((one) => {
      const { foreign, distribution } = found.get(one.name) ?? {};
      if (foreign !== undefined) return [foreign];
      return distribution === undefined || distribution.integrity === tested.get(one.name)
        ? []
        : [`${named(one)} is at the registry already, and is another tarball than the one that was tested.`];
    }),
  ];
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  return meant.map((chunk) => chunk.map((one) => (found.get(one.name)?.distribution === undefined ? one : { ...one, kind: 'tag-only' })));
};
