import { HAS_LEFTOVERS, IS_NO_FILE, problem, WAS_MOVED } from './errors.ts';

type FileSystem = typeof import('node:fs');

/** SQLite gives both of these the mode of the file itself. */
const BESIDE = ['-wal', '-shm'] as const;

/** Where the file itself is: SQLite keeps the files that belong to it there, and not beside a link. */
export const placeOf = (fs: FileSystem, path: string): string => {
  if (fs.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return path;
  // The target of a broken link may be on a disk that is not mounted: no file is created there.
  if (fs.statSync(path, { throwIfNoEntry: false }) === undefined) throw problem(IS_NO_FILE);
  return fs.realpathSync(path);
};

/** Makes sure that the file exists, and that only its owner can read it and the files beside it. Synchronous, because locks are. */
export const prepareFile = (fs: FileSystem, path: string): void => {
  const isThere = (file: string): boolean => fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  // A new file would take the remains of an older one for its own. Checked twice, because another process may just have created it.
  if (!isThere(path) && BESIDE.some((suffix) => isThere(path + suffix)) && !isThere(path)) throw problem(HAS_LEFTOVERS);
  if (create(fs, path)) return;
  if (fs.statSync(path, { throwIfNoEntry: false })?.isFile() !== true) throw problem(IS_NO_FILE);
  for (const file of [path, ...BESIDE.map((suffix) => path + suffix)]) closeToOthers(fs, file);
};

/** Created by us and not by SQLite, so that the file is never open to others. Returns `false` if it was there. */
const create = (fs: FileSystem, path: string): boolean => {
  try {
    const file = fs.openSync(path, 'wx', 0o600);
    // Restores whatever the umask took away.
    fs.fchmodSync(file, 0o600);
    fs.closeSync(file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
};

const closeToOthers = (fs: FileSystem, file: string): void => {
  const mode = fs.statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o077) !== 0) fs.chmodSync(file, mode & 0o700);
};

/** Makes a check that this path still leads to the same file. An open file outlives its removal; what is written to it then is lost. */
export const watchPlace = (fs: FileSystem, path: string): (() => void) => {
  const before = fs.statSync(path);
  return () => {
    const now = fs.statSync(path, { throwIfNoEntry: false });
    if (now?.ino !== before.ino || now.dev !== before.dev) throw problem(WAS_MOVED);
  };
};
