import { readFile, rename, writeFile } from 'node:fs/promises';
import type { SecretVault } from '@auth/core';

/** What a vault holds. */
export interface Content {
  readonly current: string;
  readonly pending: string | null;
}

/** A vault in a file that is complete at any moment. */
export const fileVault = (path: string): SecretVault => ({
  read: async () => JSON.parse(await readFile(path, 'utf8')) as Content, // written below
  write: async (content) => {
    const next = `${path}.${process.pid}`;
    await writeFile(next, JSON.stringify(content), { mode: 0o600, flush: true });
    await rename(next, path);
  },
});
