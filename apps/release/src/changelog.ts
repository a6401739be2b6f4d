// What changesets writes into the changelogs, for those who update a package: what changed, and what comes along. `.changeset/config.json`
// names this file.

/** What a changeset says, without the packages that it is about. */
interface Summary {
  readonly summary: string;
}

/** A package that is released together with one that depends on it. */
interface Updated {
  readonly name: string;
  readonly newVersion: string;
}

/** One entry: the words of the changeset, without its commit, which says nothing to whoever uses the package. */
export const getReleaseLine = ({ summary }: Summary): string => `- ${summary.trim().replaceAll(/\n(?=.)/g, '\n  ')}`;

/** One line for all that comes along, instead of one for each change of it: those stand in its own changelog. */
export const getDependencyReleaseLine = (_: readonly Summary[], updated: readonly Updated[]): string => {
  if (updated.length === 0) return '';
  // The range that is published: packages here depend on each other by `workspace:^`.
  const ranges = updated.map(({ name, newVersion }) => `\`${name}\` ^${newVersion}`).sort();
  return `- Needs ${ranges.join(', ')}.`;
};
