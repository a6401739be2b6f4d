import type { Clock } from '@auth/core';
import { AuthError } from '@auth/core';
import type { Connection } from './connection.ts';
import { openConnection } from './connection.ts';
import { closed, isContention, type Problem, problemOf, type StoreOperation, storeError } from './errors.ts';
import { loadModules } from './modules.ts';

/** The file, opened when it is needed and again after it has failed. */
export interface Access {
  /** Rejects with an `AuthError`. After a failure everything is rejected for a while, without a look at the disk. */
  readonly use: <T>(operation: StoreOperation, work: (connection: Connection) => T) => Promise<T>;
  /** The same, for what may as well not happen: does nothing unless the file is open and well. */
  readonly tryUse: (work: (connection: Connection) => void) => void;
  readonly close: () => Promise<void>;
}

/** Milliseconds after a failure; doubled each time up to the longest. */
const PAUSE = 1_000;
const LONGEST_PAUSE = 5_000;

/** While others have the file, an operation is tried again, for about a second in all, and the event loop goes on in between. */
const TRIES = 30;
const BETWEEN_TRIES = 20;

export const createAccess = (givenPath: string, clock: Clock): Access => {
  let path = givenPath;
  let opening: Promise<Connection> | undefined;
  let connection: Connection | undefined;
  let isClosed = false;
  let hasWorked = false;
  let failure: { readonly problem: Problem; readonly until: number; readonly pause: number } | undefined;

  const open = async (): Promise<Connection> => {
    const modules = await loadModules();
    // Absolute, so that it means the same after a change of directory, and nothing in it is a URI to SQLite.
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
      // It is of no use any more.
    }
  };
  const attempt = async <T>(operation: StoreOperation, work: (current: Connection) => T): Promise<T> => {
    const current = await connected();
    if (isClosed) throw closed(operation);
    current.check();
    return work(current);
  };
  const failed = (error: unknown): Problem => {
    const problem = problemOf(error);
    if (!isContention(error)) drop();
    const now = clock.monotonic();
    // Those who waited for the same opening fail together, once.
    if (failure && now < failure.until) return problem;
    const pause = failure ? Math.min(2 * failure.pause, LONGEST_PAUSE) : PAUSE;
    failure = { problem, pause, until: now + pause };
    return problem;
  };

  return {
    use: async (operation, work) => {
      if (isClosed) throw closed(operation);
      if (failure && clock.monotonic() < failure.until) throw storeError(operation, path, failure.problem, hasWorked);
      try {
        const result = await patiently(() => attempt(operation, work), clock);
        failure = undefined;
        hasWorked = true;
        return result;
      } catch (error) {
        if (AuthError.is(error)) throw error;
        throw storeError(operation, path, failed(error), hasWorked);
      }
    },
    tryUse: (work) => {
      if (connection === undefined || failure) return;
      try {
        connection.check();
        work(connection);
      } catch {
        // The next operation will meet it, and tell.
      }
    },
    close: async () => {
      isClosed = true;
      await opening?.catch(() => {});
      drop();
    },
  };
};

/** What failed because others had the file has changed nothing. */
const patiently = async <T>(attempt: () => Promise<T>, clock: Clock): Promise<T> => {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0 || !isContention(error)) throw error;
    }
    // Not all at once again.
    await new Promise<void>((resolve) => void clock.after(BETWEEN_TRIES * (0.5 + Math.random()), resolve, { ref: true }));
  }
};
