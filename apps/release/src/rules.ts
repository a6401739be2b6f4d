import { posix } from 'node:path';

/** The files of a package. */
export interface Contents {
  readonly files: readonly string[];
  readonly read: (file: string) => string;
}

interface Published {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly [dependencies: `${string}ependencies`]: Readonly<Record<string, string>>;
}

const USELESS = /\.test(-d)?\.|\.tsbuildinfo$|\.gyp$|(^|\/)(fixtures|scenarios|test|bench)\/|^api\//;

/** The home of a person or of a build, on any machine. */
const SOMEBODYS_HOME = /(?:\/home|\/Users|C:\\Users)[/\\][A-Za-z][\w.-]*[/\\]/;

/** Scripts that run at an installation, or when somebody depends on a folder of git. */
const LIFECYCLE = /^(pre|post)?(install|prepare)$|^prepublish$/;

/** What publint does not find, a sentence each. No file may mention one of the places. */
export const violations = ({ files, read }: Contents, places: readonly string[]): readonly string[] => {
  const { scripts = {}, ...manifest }: Published = JSON.parse(read('package.json'));
  const ranges = Object.entries(manifest).flatMap(([kind, list]) =>
    kind !== 'devDependencies' && /ependencies$/.test(kind) ? Object.entries(list) : [],
  );
  return [
    ...['LICENSE', 'README.md', 'CHANGELOG.md'].filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...files.filter((file) => USELESS.test(file)).map((file) => `${file} is of no use to users`),
    ...files.flatMap((file) =>
      places
        .filter((place) => read(file).includes(place))
        .map((place) => `${file} mentions ${place}, which is on the machine that packed it`),
    ),
    ...files
      .filter((file) => SOMEBODYS_HOME.test(read(file)))
      .map((file) => `${file} mentions ${SOMEBODYS_HOME.exec(read(file))?.[0]}, which is on somebody's machine`),
    ...files.filter((file) => file.endsWith('.map')).flatMap((file) => danglingIn(file, files, read)),
    ...Object.keys(scripts)
      .filter((name) => LIFECYCLE.test(name))
      .map((name) => `package.json has a script ${name}, which runs on users' machines`),
    ...ranges
      .filter(([, range]) => !/^[\^~]?\d+\.\d+\.\d+$/.test(range))
      .map(([name, range]) => `package.json asks for ${name} by ${range}, which is not a version`),
  ];
};

const danglingIn = (map: string, files: readonly string[], read: Contents['read']): readonly string[] => {
  const { sources }: { readonly sources: readonly string[] } = JSON.parse(read(map));
  return sources
    .map((source) => posix.join(posix.dirname(map), source))
    .filter((source) => !files.includes(source))
    .map((source) => `${map} leads to ${source}, which is not in the tarball`);
};
