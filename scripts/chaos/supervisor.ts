import { setTimeout } from 'node:timers/promises';
import { type Fleet, openFleet } from './fleet.ts';
import { concurrent, sentTwice, wrongWithCall } from './invariants.ts';
import { type Fact, type Place, SUBJECTS } from './protocol.ts';
import { openRecord, type RunRecord } from './record.ts';
import { openStore, type SharedStore } from './stores.ts';
import { openTally, type Tally } from './tally.ts';
import { startVendor, type Vendor } from './vendor.ts';

/** How many processes the product has. */
export const PROCESSES = 4;

/** Milliseconds between two visits of one user. */
const USER_RETURNS = 1_500;

/** The product, its store, its vendor, its users, and what became of them. */
export interface Supervisor {
  readonly record: RunRecord;
  readonly tally: Tally;
  readonly shared: SharedStore;
  readonly vendor: Vendor;
  readonly fleet: Fleet;
  /** A user connects again, and a process adopts the tokens. */
  readonly connect: (index: number, subject: string) => void;
  /** Looks at the token requests until then. What is younger may still be explained by what a process has not told yet. */
  readonly judge: (until: number) => void;
  /** Waits until every process has served every subject since then. */
  readonly everybodyIsServed: (since: number, within: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Starts everything. */
export const openSupervisor = async (kind: Place['kind'], random: () => number): Promise<Supervisor> => {
  const record = openRecord();
  const { note, violated, add } = record;
  const tally = openTally();
  const shared = await openStore(kind, record.folder);
  const vendor = await startVendor(random, record);

  const connectedAt = new Map<string, number>();
  const connect = (index: number, subject: string): void => {
    connectedAt.set(subject, Date.now());
    add('adoption', undefined, Date.now(), Date.now());
    const token = vendor.connect(subject);
    note(`${fleet.pids()[index]} adopts ${token.refreshToken} of ${subject}`);
    fleet.send(index, { adopt: subject, token });
  };
  const heard = (pid: number, fact: Fact): void => {
    tally.add(pid, fact);
    if ('alone' in fact) add('alone', pid, fact.alone, fact.alone);
    if ('stalled' in fact) add('process', pid, fact.stalled, fact.to);
    if (!('call' in fact)) return;
    const { code, call: subject } = fact;
    if (code !== null) note(`${pid} ${subject} ${code}`);
    const wrong = wrongWithCall(pid, fact, record);
    if (wrong !== undefined) violated(`${pid} ${wrong}`);
    const isForUser = code === 'outcome_unknown' || code === 'reconnect_required';
    if (isForUser && Date.now() - (connectedAt.get(subject) ?? 0) > USER_RETURNS) connect(fleet.pids().indexOf(pid), subject);
  };
  const fleet = openFleet(PROCESSES, { place: shared.place, vendor: vendor.url }, record, heard);

  return {
    record,
    tally,
    shared,
    vendor,
    fleet,
    connect,
    judge: (until) => {
      const requests = vendor.requests.filter(({ from }) => from < until);
      for (const text of [...concurrent(requests, record), ...sentTwice(requests, record)]) violated(text);
    },
    everybodyIsServed: async (since, within) => {
      const unserved = (): readonly string[] => SUBJECTS.flatMap((subject) => tally.unserved(fleet.pids(), subject, since));
      // Counted by timers, because a busy machine is slower in everything.
      for (let waited = Date.now() - since; unserved().length > 0 && waited < within; waited += 50) await setTimeout(50);
      for (const name of unserved()) violated(`${name} was not served within ${within} ms without troubles`);
    },
    close: async () => {
      fleet.close();
      vendor.close();
      await shared.close();
    },
  };
};
