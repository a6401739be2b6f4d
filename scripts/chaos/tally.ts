import { type Fact, SUBJECTS } from './protocol.ts';

/** What has become of the calls. */
export interface Tally {
  readonly add: (pid: number, fact: Fact) => void;
  /** Those of the processes in which no call for the subject began since then whose token the vendor took. */
  readonly unserved: (pids: readonly number[], subject: string, since: number) => readonly string[];
  readonly calls: () => number;
  readonly table: () => Readonly<Record<string, Row>>;
}

/** The calls for one subject. Milliseconds; a gap is between two successful calls, of any processes. */
export interface Row {
  calls: number;
  failed: number;
  'longest wait': number;
  'longest gap': number;
}

/** Nothing has been called yet. */
export const openTally = (): Tally => {
  const rows = new Map<string, Row>(SUBJECTS.map((subject) => [subject, { calls: 0, failed: 0, 'longest wait': 0, 'longest gap': 0 }]));
  const lastSuccess = new Map<string, number>();
  const served = new Map<string, number>();
  return {
    add: (pid, fact) => {
      const row = rows.get('call' in fact ? fact.call : 'accepted' in fact ? fact.accepted : '');
      if (row === undefined) return;
      if ('call' in fact) {
        row.calls += 1;
        if (fact.code !== null) row.failed += 1;
        row['longest wait'] = Math.max(row['longest wait'], Math.round(fact.waited));
      } else if ('accepted' in fact) {
        const now = Date.now();
        row['longest gap'] = Math.max(row['longest gap'], now - (lastSuccess.get(fact.accepted) ?? now));
        lastSuccess.set(fact.accepted, now);
        served.set(`${pid} ${fact.accepted}`, fact.from);
      }
    },
    unserved: (pids, subject, since) => pids.map((pid) => `${pid} ${subject}`).filter((name) => (served.get(name) ?? 0) < since),
    calls: () => [...rows.values()].reduce((sum, { calls }) => sum + calls, 0),
    table: () => Object.fromEntries(rows),
  };
};
