import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Why a call may fail or a request come twice: a process was killed or stood still, the store was away, a process went on without it, a secret
 * was wrong, the vendor failed, a user connected again.
 */
export type Cause = 'process' | 'store' | 'alone' | 'secret' | 'vendor' | 'adoption';

/** Everything that happened. Times are epoch milliseconds. */
export interface RunRecord {
  /** Where the log is, and what a run may leave behind. */
  readonly folder: string;
  readonly seconds: () => string;
  readonly note: (text: string) => void;
  /** A promise was broken. */
  readonly violated: (text: string) => void;
  readonly violations: () => number;
  /** Something is done to one process, or to all. Returns its end. */
  readonly begin: (cause: Cause, pid?: number) => () => void;
  readonly add: (cause: Cause, pid: number | undefined, from: number, to: number) => void;
  /** How often these causes were there between two times; with processes, those that concern one of them. */
  readonly count: (causes: readonly Cause[], from: number, to: number, pids?: readonly number[]) => number;
  readonly remove: () => void;
}

interface Incident {
  readonly cause: Cause;
  readonly pid: number | undefined;
  readonly from: number;
  to: number;
}

/** How many broken promises are printed; the log has all. */
const MOST_PRINTED = 20;

/** Nothing has happened yet. */
export const openRecord = (): RunRecord => {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  const log = createWriteStream(join(folder, 'log'));
  const started = Date.now();
  const seconds = (): string => `${((Date.now() - started) / 1_000).toFixed(1).padStart(6)} s`;
  const note = (text: string): void => void log.write(`${seconds()}  ${text}\n`);
  const violations = new Set<string>();
  const incidents: Incident[] = [];
  const add = (cause: Cause, pid: number | undefined, from: number, to: number): Incident => {
    const incident = { cause, pid, from, to };
    incidents.push(incident);
    return incident;
  };
  return {
    folder,
    seconds,
    note,
    violated: (text) => {
      if (violations.has(text)) return;
      violations.add(text);
      note(`violation: ${text}`);
      if (violations.size <= MOST_PRINTED) console.log(`${seconds()}  ${text}`);
    },
    violations: () => violations.size,
    add,
    begin: (cause, pid) => {
      const incident = add(cause, pid, Date.now(), Number.POSITIVE_INFINITY);
      return () => {
        incident.to = Date.now();
      };
    },
    count: (causes, from, to, pids) =>
      incidents.filter(
        (one) =>
          causes.includes(one.cause) &&
          one.from <= to &&
          one.to >= from &&
          (pids === undefined || one.pid === undefined || pids.includes(one.pid)),
      ).length,
    remove: () => rmSync(folder, { recursive: true }),
  };
};
