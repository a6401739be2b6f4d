import type { Clock } from '@auth/core';
import { AuthError } from '@auth/core';
import type { Connection } from './connection.ts';
import { openConnection } from './connection.ts';
import { closed, isContention, type Problem, problemOf, type StoreOperation, storeError } from './errors.ts';
import { createLine } from './line.ts';
import { loadModules } from './modules.ts';

/** The file, opened at the first use and again after a failure. */
export interface Access {
  /**
   * Rejects with an `AuthError`. After a failure everything is rejected for a while without touching the disk. A file that is locked by
   * others is not a failure: the operation waits for it.
   */
  readonly use: <T>(operation: StoreOperation, work: (connection: Connection) => T) => Promise<T>;
  /** The same, for work that may be skipped: does nothing unless the file is open and has not failed. */
  readonly tryUse: (work: (connection: Connection) => void) => void;
  readonly close: () => Promise<void>;
}

/** The pause after a failure, in milliseconds; doubled each time, up to the longest. */
const PAUSE = 1_000;
const LONGEST_PAUSE = 5_000;

export const createAccess = (givenPath: string, clock: Clock): Access => {
  // Writers do not keep others from reading.
  const reads = createLine(clock);
  const writes = createLine(clock);
  let path = givenPath;
  let opening: Promise<Connection> | undefined;
  let connection: Connection | undefined;
  let isClosed = false;
  let hasWorked = false;
  let failure: { readonly problem: Problem; readonly until: number; readonly pause: number } | undefined;

  const open = async (): Promise<Connection> => {
    const modules = await loadModules();
    // Absolute, so that it means the same after a change of directory and SQLite does not take it for a URI.
    path = modules.path.resolve(path);
    const opened = openConnection(modules, path);
    if (!isClosed) connection = opened;
    else opened.close();
    return opened;
  };
  const connected = async (): Promise<Connection> => {
    if (connection) return connection;
    opening ??= open().finally(() => {
      opening = undefined;
    });
    return opening;
  };
  const drop = (): void => {
    const dropped = connection;
    connection = undefined;
    try {
      dropped?.close();
    } catch {
      // The connection is dropped anyway.
    }
  };
  const failed = (error: unknown): Problem => {
    drop();
    const problem = problemOf(error);
    const now = clock.monotonic();
    // Operations that waited for the same opening count as one failure.
    if (failure && now < failure.until) return problem;
    const pause = failure ? Math.min(2 * failure.pause, LONGEST_PAUSE) : PAUSE;
    failure = { problem, pause, until: now + pause };
    return problem;
  };
  const attempt = async <T>(operation: StoreOperation, work: (current: Connection) => T): Promise<T> => {
    if (isClosed) throw closed(operation);
    if (failure && clock.monotonic() < failure.until) throw storeError(operation, path, failure.problem, hasWorked);
    try {
      const current = await connected();
      if (isClosed) throw closed(operation);
      current.check();
      const result = work(current);
      failure = undefined;
      hasWorked = true;
      return result;
    } catch (error) {
      if (AuthError.is(error) || isContention(error)) throw error;
      throw storeError(operation, path, failed(error), hasWorked);
    }
  };

  return {
    use: async (operation, work) => {
      try {
        return await (operation === 'store.write' ? writes : reads)(() => attempt(operation, work));
      } catch (error) {
        throw isContention(error) ? storeError(operation, path, problemOf(error), hasWorked) : error;
      }
    },
    tryUse: (work) => {
      if (connection === undefined || failure) return;
      try {
        connection.check();
        work(connection);
      } catch {
        // The next operation will hit the same error and report it.
      }
    },
    close: async () => {
      isClosed = true;
      await opening?.catch(() => {});
      drop();
    },
  };
};
