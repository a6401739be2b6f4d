import { isMet } from './expression.ts';
import type { Installed } from './installed.ts';

/** What users install with our packages. */
const PUBLISHED = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD'];

/** What we work with, and nobody gets from us. */
const TOOLS = [...PUBLISHED, 'BlueOak-1.0.0', 'CC0-1.0', 'Unlicense', 'WTFPL'];

interface Exception {
  readonly name: RegExp;
  readonly licence: string;
  readonly reason: string;
}

/** Tools of other licences, which we use unchanged. */
const EXCEPTIONS: readonly Exception[] = [
  { name: /^lightningcss/, licence: 'MPL-2.0', reason: 'Vitest brings it for style sheets; we have none' },
  { name: /^axe-core$/, licence: 'MPL-2.0', reason: 'looks at our pages in tests' },
  { name: /^caniuse-lite$/, licence: 'CC-BY-4.0', reason: 'data about browsers that Stryker brings' },
  { name: /^argparse$/, licence: 'Python-2.0', reason: 'reads command lines of tools; the licence of Python asks for a notice only' },
  {
    name: /^@img\/sharp-libvips-/,
    licence: 'LGPL-3.0-or-later',
    reason: 'Miniflare brings it for pictures; the matrix of runtimes has none',
  },
];

/** A sentence for each package whose licence nobody has agreed to. `published` has those that users get, as `name@version`. */
export const disagreements = (installed: readonly Installed[], published: ReadonlySet<string>): readonly string[] =>
  installed
    .filter(({ name, version, licence }) => {
      if (published.has(`${name}@${version}`)) return !isMet(licence, PUBLISHED);
      return !isMet(licence, TOOLS) && !EXCEPTIONS.some((exception) => exception.name.test(name) && exception.licence === licence);
    })
    .map(({ name, version, licence }) => {
      const whose = published.has(`${name}@${version}`) ? 'users install' : 'we work with';
      return `${name}@${version}, which ${whose}, is under ${licence || 'no licence that it names'}`;
    });

/** A sentence for each exception that nothing needs any more. */
export const needlessExceptions = (installed: readonly Installed[]): readonly string[] =>
  EXCEPTIONS.filter((exception) => !installed.some(({ name, licence }) => exception.name.test(name) && licence === exception.licence)).map(
    ({ name, licence }) => `Nothing that is installed needs the exception for ${name.source} (${licence})`,
  );
