/** What may be missing even in CI, by its name, with the reason: the one place to say so. At present all of it can be had. */
const UNREACHABLE: Readonly<Record<string, string>> = {};

/** Something that could not be looked at. */
export interface Missing {
  readonly name: string;
  readonly reason: string;
  readonly isFailure: boolean;
}

/** What it means that something is missing: in CI it is a failure, unless the name is among the unreachable ones. */
export const missed = (
  name: string,
  reason: string,
  { unreachable = UNREACHABLE, isStrict = process.env['CI'] === 'true' } = {},
): Missing => {
  const { [name]: known } = unreachable;
  return { name, reason: known ?? reason, isFailure: isStrict && known === undefined };
};

/** The one line that says so. */
export const lineOf = ({ name, reason, isFailure }: Missing): string =>
  isFailure ? `FAILED ${name}: ${reason} (CI has to have it, or apps/release/src/offline.ts says why not)` : `left   ${name}: ${reason}`;

/** Prints the line, and lets this process fail where that is a failure. */
export const leaveOut = (name: string, reason: string): void => {
  const missing = missed(name, reason);
  console.log(lineOf(missing));
  if (missing.isFailure) process.exitCode = 1;
};
