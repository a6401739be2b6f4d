import { posix } from 'node:path';

/** The files of a package. */
export interface Contents {
  readonly files: readonly string[];
  readonly read: (file: string) => string;
}

/** What a package is compared with. */
export interface Surroundings {
  /** Paths that no file may mention. */
  readonly places: readonly string[];
  /** The text of the licence that all of the repository is under. */
  readonly licence: string;
}

interface Published {
  readonly license?: unknown;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
}

/** What the licence of the repository is called. */
const LICENCE = 'MIT';

/** What each package has. */
const REQUIRED = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'AGENTS.md',
  'dist/index.js',
  'dist/index.d.ts',
  'src/index.ts',
] as const;

/** What a package may have besides: nothing that users cannot need. */
const ALLOWED = [/^dist\/.+\.(js|d\.ts)(\.map)?$/, /^src\/.+\.ts$/, /^docs\/[^/]+\.(md|svg)$/, /^bin\/[^/]+\.js$/];

/** What it has not, even where the table above would allow it. */
const FORBIDDEN = /\.test(-d)?\.|\/(fixtures|scenarios|test|bench)\//;

/** Scripts that run at an installation, or when somebody depends on a folder of git. */
const LIFECYCLE = /^(pre|post)?(install|prepare)$|^prepublish$/;

const RANGE = /["'\s](workspace|catalog|link|file):[\^~*\w./"']/;

/** Everything that is wrong with the contents of a tarball, a sentence each. */
export const violations = (contents: Contents, { places, licence }: Surroundings): readonly string[] => [
  ...wrongFiles(contents),
  ...wrongManifest(contents),
  ...wrongLicence(contents, licence),
  ...wrongMaps(contents),
  ...wrongTexts(contents, places),
];

const wrongFiles = ({ files }: Contents): readonly string[] => {
  const missing = REQUIRED.filter((file) => !files.includes(file));
  const unexpected = files.filter(
    (file) => !REQUIRED.some((one) => one === file) && (!ALLOWED.some((pattern) => pattern.test(file)) || FORBIDDEN.test(`/${file}`)),
  );
  return [...missing.map((file) => `${file} is missing`), ...unexpected.map((file) => `${file} is of no use to users`)];
};

const wrongManifest = ({ files, read }: Contents): readonly string[] => {
  if (!files.includes('package.json')) return [];
  const { scripts = {}, dependencies = {}, bin = {} }: Published = JSON.parse(read('package.json'));
  return [
    ...Object.keys(scripts)
      .filter((name) => LIFECYCLE.test(name))
      .map((name) => `package.json has a script «${name}», which runs on users' machines`),
    ...Object.entries(dependencies)
      .filter(([, range]) => !/^[\^~]?\d+\.\d+\.\d+$/.test(range))
      .map(([name, range]) => `package.json asks for ${name} by «${range}», which is no plain version`),
    ...Object.values(bin)
      .map((file) => posix.normalize(file))
      .filter((file) => !files.includes(file) || !read(file).startsWith('#!/usr/bin/env node\n'))
      .map((file) => `${file} is missing, or does not start with the line that runs it by Node`),
  ];
};

const wrongLicence = ({ files, read }: Contents, licence: string): readonly string[] => {
  const { license }: Published = files.includes('package.json') ? JSON.parse(read('package.json')) : {};
  return [
    ...(license === LICENCE ? [] : [`package.json says the licence is ${JSON.stringify(license)}, and the repository is under ${LICENCE}`]),
    ...(files.includes('LICENSE') && read('LICENSE') !== licence ? ['LICENSE has another text than the one of the repository'] : []),
  ];
};

/** A map leads to a source that users have, and each built file has a map. */
const wrongMaps = ({ files, read }: Contents): readonly string[] => [
  ...files
    .filter((file) => file.endsWith('.map'))
    .flatMap((file) => {
      const { sources }: { readonly sources: readonly string[] } = JSON.parse(read(file));
      return sources
        .map((source) => posix.join(posix.dirname(file), source))
        .filter((source) => !files.includes(source))
        .map((source) => `${file} leads to ${source}, which is not in the tarball`);
    }),
  ...files.filter((file) => /^dist\/.+\.(js|d\.ts)$/.test(file) && !files.includes(`${file}.map`)).map((file) => `${file} has no map`),
];

const wrongTexts = ({ files, read }: Contents, places: readonly string[]): readonly string[] =>
  files.flatMap((file) => {
    const text = read(file);
    // A guide may speak of a clone.
    const [range] = file.endsWith('.md') ? [] : (RANGE.exec(text) ?? []);
    return [
      ...places.filter((place) => text.includes(place)).map((place) => `${file} mentions ${place}, which is on the machine that packed it`),
      ...(range === undefined ? [] : [`${file} says «${range.trim()}», which means something in this repository only`]),
    ];
  });
