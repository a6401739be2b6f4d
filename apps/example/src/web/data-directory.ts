import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where this application keeps what outlives it. Closed to other users of the machine. */
export interface DataDirectory {
  readonly tokens: string;
  readonly users: string;
  /** The key that tokens are encrypted with. A product has it in its secret manager, and never beside the tokens. */
  readonly key: string;
}

/** Makes the directory and the key, if they are not there. */
export const openDataDirectory = async (path: string): Promise<DataDirectory> => {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const file = join(path, 'store.key');
  try {
    await writeFile(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    // Another start made it: that one is good.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const users = join(path, 'users.db');
  // The store sees to this for its file itself.
  await writeFile(users, '', { flag: 'a', mode: 0o600 });
  return { tokens: join(path, 'tokens.db'), users, key: (await readFile(file, 'utf8')).trim() };
};
