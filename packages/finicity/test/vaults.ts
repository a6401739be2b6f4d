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

export interface MemoryVault extends SecretVault {
  content: Content;
  /** What was written, in order. */
  readonly writes: Content[];
  /** The number of the write that fails, from 1; 0 means none. */
  failAt: number;
  /** Runs before a write. */
  before: (next: Content) => void | Promise<void>;
}

/** A vault in memory that can fail. Its errors quote the secrets, as those of some vaults do. */
export const memoryVault = (current: string, pending: string | null = null): MemoryVault => {
  let count = 0;
  const vault: MemoryVault = {
    content: { current, pending },
    writes: [],
    failAt: 0,
    before: () => {},
    read: async () => vault.content,
    write: async (next: Content) => {
      count += 1;
      await vault.before(next);
      if (count === vault.failAt) throw new TypeError(`The vault is sealed: ${JSON.stringify(next)}`);
      vault.content = next;
      vault.writes.push(next);
    },
  };
  return vault;
};
