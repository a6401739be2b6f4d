/** What became of a text. */
export interface Renamed {
  readonly text: string;
  /** How often the scope stood in it. */
  readonly count: number;
}

/**
 * Passages that are true only while the scope is one that another project has on the public registry. They stand between these comments,
 * on lines of their own or within a line.
 */
const NAMESAKE = /^<!-- namesake -->\n[\s\S]*?^<!-- \/namesake -->\n(?:\n(?=\n|\S))?| ?<!-- namesake -->[\s\S]*?<!-- \/namesake -->/gm;

/** Takes out of a document what is said of the other project that has this scope. */
export const withoutNamesake = (document: string): string => document.replace(NAMESAKE, '');

/** The same for code, where such lines stand between comments of its own: `// namesake` and `// /namesake`. */
export const withoutNamesakeLines = (code: string): string => code.replace(/^ *\/\/ namesake\n[\s\S]*?^ *\/\/ \/namesake\n/gm, '');

/** The same for the description in a `package.json`, which has no room for comments: it ends with these words. */
export const withoutDisclaimer = (manifest: string): string => manifest.replace(/^( {2}"description": ".*) Not Auth\.js\.(?=",$)/m, '$1');

/** Puts one scope in another's place. */
export const renamed = (text: string, from: string, to: string): Renamed => {
  // As a whole word: not in an address of mail, nor as the beginning of another scope or of a host.
  const whole = new RegExp(`(?<![\\w.%+-])${from.replaceAll('.', '\\.')}(?![\\w-]|\\.\\w)`, 'g');
  let count = 0;
  const result = text.replace(whole, () => {
    count += 1;
    return to;
  });
  return { text: result, count };
};

/** What a lockfile has from elsewhere under this scope: `['@acme/paint']`. After a rename nothing tells it from the packages here. */
export const foreignIn = (lockfile: string, scope: string): readonly string[] => {
  const names = [...lockfile.matchAll(/^ {2}'(@[^/\s]+\/[^@\s]+)@/gm)].map(([, name = '']) => name);
  return [...new Set(names.filter((name) => name.startsWith(`${scope}/`)))];
};

/** Why there can be no such scope, or `undefined`. */
export const scopeProblem = (scope: string): string | undefined => {
  if (!scope.startsWith('@')) return `${scope} is no scope: it begins with @, as @acme does.`;
  // npm's own check takes whatever fits into a URL. A dot at the end would be taken for that of a sentence, and Windows drops it from folders.
  if (!/^@[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?$/.test(scope))
    return `${scope} cannot be a scope: it is lower-case letters, digits, -, _ and dots, begins and ends with a letter or a digit, and has at most 100 of them.`;
  return undefined;
};
