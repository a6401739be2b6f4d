import satisfies from 'spdx-satisfies';

/** What `pnpm licenses list --json` answers: packages by what they say of their licence. */
export type Licences = Readonly<Record<string, readonly { readonly name: string; readonly versions: readonly string[] }[]>>;

/** What users may get with our packages. */
const USERS = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD'];

/** What we work with, and nobody gets from us. */
const TOOLS = [...USERS, 'BlueOak-1.0.0', 'CC0-1.0', 'Unlicense', 'WTFPL'];

/** Tools of other licences, which we use unchanged. */
const EXCEPTIONS: readonly { readonly name: RegExp; readonly licence: string; readonly reason: string }[] = [
  { name: /^lightningcss/, licence: 'MPL-2.0', reason: 'Vite brings it, which makes the style sheet of the documentation smaller' },
  { name: /^axe-core$/, licence: 'MPL-2.0', reason: 'looks at our pages in tests' },
  { name: /^caniuse-lite$/, licence: 'CC-BY-4.0', reason: 'data about browsers that Stryker brings' },
  { name: /^spdx-(exceptions|ranges)$/, licence: 'CC-BY-3.0', reason: 'data about licences, for this check' },
  { name: /^argparse$/, licence: 'Python-2.0', reason: 'reads command lines of tools; the licence of Python asks for a notice only' },
  { name: /^@img\/sharp-libvips-/, licence: 'LGPL-3.0-or-later', reason: 'Miniflare brings it for pictures; the runtimes have none' },
];

/** A sentence for each package whose licence nobody has agreed to. */
export const disagreements = (licences: Licences, whose: 'users' | 'tools'): readonly string[] =>
  Object.entries(licences).flatMap(([licence, packages]) =>
    packages
      .filter(({ name }) => {
        const exceptions = EXCEPTIONS.filter((one) => whose === 'tools' && one.name.test(name)).map((one) => one.licence);
        return !isMet(licence, [...(whose === 'users' ? USERS : TOOLS), ...exceptions]);
      })
      .map(({ name, versions }) => `${name}@${versions.join(', ')}, which is for ${whose}, is under the licence: ${licence}`),
  );

/** What is not an SPDX expression is a licence that nobody has agreed to. */
const isMet = (licence: string, allowed: string[]): boolean => {
  try {
    return satisfies(licence, allowed);
  } catch {
    return false;
  }
};
