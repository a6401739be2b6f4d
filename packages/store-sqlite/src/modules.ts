import { noSqlite } from './errors.ts';

/** The modules of the runtime. */
export interface Modules {
  readonly DatabaseSync: typeof import('node:sqlite').DatabaseSync;
  readonly fs: typeof import('node:fs');
  readonly path: typeof import('node:path');
}

/** Loaded at the first use, so that this package can be imported everywhere. Rejects with `misconfigured`. */
export const loadModules = async (): Promise<Modules> => {
  try {
    const [{ DatabaseSync }, fs, path] = await Promise.all([import('node:sqlite'), import('node:fs'), import('node:path')]);
    return { DatabaseSync, fs, path };
  } catch {
    throw noSqlite();
  }
};
