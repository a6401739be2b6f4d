import type { EngineContext } from '../src/engine/context.ts';
import { type Change, Claim, type Owners, type Place } from '../src/engine/shared/claim.ts';
import { Entries, type RecordFormat } from '../src/engine/shared/entries.ts';
import type { Clock, Store, WriteOptions } from '../src/index.ts';
import { memoryStore } from '../src/index.ts';
import type { FakeClock } from '../src/testing/index.ts';
import { engineContext, failure } from './engine-context.ts';
import { steppingClock } from './stepping-clock.ts';

/** The key of the entry. */
export const KEY = 'key';

/** Milliseconds. */
export const HOUR = 3_600_000;

/** A record that is a text. */
export const textFormat: RecordFormat<string> = {
  absent: () => 'nothing',
  encode: (record) => [record],
  decode: ([record]) => (typeof record === 'string' ? record : undefined),
  life: ({ record }) => (record === 'nothing' ? 0 : Number.POSITIVE_INFINITY),
};

/** A process that holds no lease yet. */
export const newOwners = (): Owners => ({ engine: crypto.randomUUID(), alive: new Set() });

/** A change that changes nothing. */
export const same = (there: string): string => there;

/** A write as the store saw it. */
export interface Written extends WriteOptions {
  readonly value: string | undefined;
}

interface Timer {
  readonly due: number;
  readonly ref: boolean;
}

type Act = (write: () => Promise<string | undefined>, value: string | undefined) => Promise<string | undefined>;

/** One process, whose sight of the store the test decides. */
export interface Process {
  readonly place: Place<string>;
  /** Takes the lease of the entry as it is now. `taken`: what is made of the record. */
  readonly take: (taken?: Change<string>, insist?: boolean) => Promise<Taking>;
  readonly unplug: () => void;
  readonly plug: () => void;
  readonly writesDo: (act: Act) => void;
}

/** What taking a lease came to, and the owner for whom it was tried. */
export interface Taking {
  readonly claim: Claim<string> | undefined;
  readonly changes: readonly string[];
  readonly owners: readonly string[];
}

/** Processes that share an entry. */
export interface SharedEntry {
  readonly clock: FakeClock;
  readonly context: EngineContext;
  readonly memory: Store;
  readonly store: Store;
  readonly written: readonly Written[];
  readonly join: () => Process;
  /** When timers are due, and whether they keep the process alive. */
  readonly armed: () => readonly (readonly [number, boolean])[];
  /** What is in the store, as it is. */
  readonly stored: () => Promise<string | undefined>;
}

/** How the entry is shared. */
export interface SharedEntryOptions {
  /** `false`: only those who wait judge who is dead. Default `true`. */
  readonly hasTtl?: boolean;
}

/** The clock and the store of some processes, with what was written and which timers are armed. */
export const sharedEntry = ({ hasTtl = true }: SharedEntryOptions = {}): SharedEntry => {
  const inner = steppingClock(HOUR);
  const armed = new Set<Timer>();
  const clock: Clock = {
    ...inner,
    after: (milliseconds, run, { ref = false } = {}) => {
      const timer = { due: inner.monotonic() + milliseconds, ref };
      armed.add(timer);
      const cancel = inner.after(milliseconds, () => {
        armed.delete(timer);
        run();
      });
      return () => {
        armed.delete(timer);
        cancel();
      };
    },
  };
  const memory = memoryStore({ clock });
  const written: Written[] = [];
  const store: Store = {
    read: memory.read,
    write: (key, value, options = {}) => {
      written.push({ value, ...options });
      return memory.write(key, value, hasTtl ? options : { ifVersion: options.ifVersion });
    },
  };
  const context = engineContext(clock);

  const join = (): Process => {
    let isDown = false;
    let act: Act = (write) => write();
    const down = (): Promise<never> => Promise.reject(failure('store_unavailable', {}, 'no store'));
    const via: Store = {
      read: (key) => (isDown ? down() : store.read(key)),
      write: (key, value, options) => (isDown ? down() : act(() => store.write(key, value, options), value)),
    };
    const place: Place<string> = { entries: new Entries(via, textFormat, context), key: KEY, clock, owners: newOwners() };
    return {
      place,
      take: async (taken = same, insist = false) => {
        const changes: string[] = [];
        const owners: string[] = [];
        const taking = {
          taken: (there: string, ours: string, owner: string) => {
            owners.push(owner);
            return taken(there, ours, owner);
          },
          insist,
          onChange: (change: string) => changes.push(change),
        };
        const outcome = await Claim.take(place, await place.entries.read(KEY), taking);
        return { claim: outcome instanceof Claim ? outcome : undefined, changes, owners };
      },
      unplug: () => {
        isDown = true;
      },
      plug: () => {
        isDown = false;
      },
      writesDo: (next: Act) => {
        act = next;
      },
    };
  };

  return {
    clock: { ...inner, after: clock.after },
    context,
    memory,
    store,
    written,
    join,
    armed: () => [...armed].map(({ due, ref }) => [due, ref]),
    stored: async () => (await memory.read(KEY))?.value,
  };
};

/** How a promise has ended so far, as text. */
export const outcomeOf = (result: Promise<unknown>): (() => string) => {
  let outcome = 'none yet';
  result.then(
    (value) => {
      outcome = String(value);
    },
    (error: unknown) => {
      outcome = error instanceof Error ? `rejected: ${error.message}` : String(error);
    },
  );
  return () => outcome;
};
