import type { Store, StoreEntry, WriteOptions } from '@auth/core';
import { type FakeClock, fakeClock } from '@auth/core/testing';
import { describe, expect, it } from 'vitest';
import { ContractViolation, type StoreFixture, storeContract } from '../index.ts';

interface Kept extends StoreEntry {
  readonly until: number;
}

/** Everything that a store decides, each of it open to be decided wrongly. */
interface Decisions {
  readonly clock: FakeClock;
  readonly entries: Map<string, Kept>;
  readonly keyOf: (key: string) => string;
  readonly kept: (value: string) => string;
  readonly versionOf: (before: Kept | undefined) => string;
  readonly untilOf: (ttl: number | undefined, before: Kept | undefined, ifVersion?: string | null, row?: Kept) => number;
  /** May throw for what it takes for wrong. */
  readonly judge: (options: WriteOptions) => void;
  readonly isLive: (entry: Kept) => boolean;
  /** `row` is what is kept under the key, if it has expired too. */
  readonly isMet: (ifVersion: string | null, entry: Kept | undefined, value: string | undefined, row?: Kept) => boolean;
  readonly failed: (key: string, entry: Kept | undefined, options: WriteOptions) => string | undefined;
  readonly deleted: (version: string, ifVersion: string | null | undefined, row: Kept | undefined) => string | undefined;
  readonly found: (entry: StoreEntry | undefined) => unknown;
  /** Between judging a condition and writing. */
  readonly pause: () => Promise<void> | undefined;
}

const right = (clock: FakeClock): Decisions => ({
  clock,
  entries: new Map(),
  keyOf: (key) => key,
  kept: (value) => value,
  versionOf: () => crypto.randomUUID(),
  untilOf: (ttl = Number.POSITIVE_INFINITY) => clock.now() + ttl,
  judge: () => {},
  isLive: ({ until }) => clock.now() < until,
  isMet: (ifVersion, entry) => (entry?.version ?? null) === ifVersion,
  failed: () => undefined,
  deleted: (version) => version,
  found: (entry) => entry,
  pause: () => undefined,
});

const storeOf = ({ entries, ...decide }: Decisions): Store => {
  const live = (key: string): Kept | undefined => {
    const entry = entries.get(key);
    return entry && decide.isLive(entry) ? entry : undefined;
  };
  return {
    read: async (given) => {
      const entry = live(decide.keyOf(given));
      // A broken store answers what no store may.
      return decide.found(entry && { value: entry.value, version: entry.version }) as StoreEntry | undefined;
    },
    write: async (given, value, options = {}) => {
      const { ifVersion, ttl } = options;
      const key = decide.keyOf(given);
      const [before, row] = [live(key), entries.get(key)];
      decide.judge(options);
      if (ifVersion !== undefined && !decide.isMet(ifVersion, before, value, row)) return decide.failed(key, before, options);
      const pausing = decide.pause();
      if (pausing) await pausing;
      const version = decide.versionOf(row);
      if (value === undefined) {
        entries.delete(key);
        return decide.deleted(version, ifVersion, row);
      }
      entries.set(key, { value: decide.kept(value), version, until: decide.untilOf(ttl, before, ifVersion, row) });
      return version;
    },
  };
};

interface Broken {
  readonly rule: string;
  readonly wrong: (decisions: Decisions) => Partial<Decisions>;
  readonly fixture?: (decisions: Decisions) => Partial<StoreFixture>;
}

/** A store with one fault. */
interface Faulty extends Omit<Broken, 'rule'> {
  readonly fault: string;
  /** Every rule that finds it, and no other. */
  readonly rules: readonly string[];
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const counter = (): ((before: Kept | undefined) => string) => (before) => String(Number(before?.version ?? '0') + 1);
/** Versions that are numbers, from 1 on. */
const numbers = (): (() => string) => {
  let last = 0;
  return () => String(++last);
};
const handleWithCache = (store: Store): Store => {
  const cache = new Map<string, StoreEntry | undefined>();
  return {
    read: async (key) => {
      if (!cache.has(key)) cache.set(key, await store.read(key));
      return cache.get(key);
    },
    write: async (key, value, options) => {
      const version = await store.write(key, value, options);
      if (version !== undefined) cache.set(key, value === undefined ? undefined : { value, version });
      return version;
    },
  };
};

/** For each rule a store that breaks it. */
const broken: readonly Broken[] = [
  { rule: 'answers nothing for a key that was never written', wrong: () => ({ found: (entry) => entry ?? null }) },
  {
    rule: 'answers what was written, with the version that write answered',
    wrong: () => ({ found: (entry) => entry && { ...entry, version: `"${entry.version}"` } }),
  },
  {
    rule: 'replaces an entry when no condition is given',
    wrong: ({ entries, untilOf }) => ({ untilOf: (ttl, before) => (before ? Number.NEGATIVE_INFINITY : untilOf(ttl, before)), entries }),
  },
  {
    rule: 'writes over the version that is there',
    wrong: () => ({ isMet: (ifVersion, entry) => ifVersion === null && entry === undefined }),
  },
  {
    rule: 'changes nothing when another version is there',
    wrong: ({ isMet }) => ({ isMet: (ifVersion, entry, value) => (ifVersion === null ? isMet(null, entry, value) : entry !== undefined) }),
  },
  {
    rule: 'writes over a version only where an entry is',
    wrong: ({ isMet }) => ({ isMet: (ifVersion, entry, value) => entry === undefined || isMet(ifVersion, entry, value) }),
  },
  {
    rule: 'writes with ifVersion null only where nothing is',
    wrong: ({ isMet }) => ({ isMet: (ifVersion, entry, value) => ifVersion === null || isMet(ifVersion, entry, value) }),
  },
  { rule: 'deletes, and answers a version for it', wrong: () => ({ deleted: () => undefined }) },
  {
    rule: 'deletes under a condition',
    wrong: ({ isMet }) => ({ isMet: (ifVersion, entry, value) => value !== undefined && isMet(ifVersion, entry, value) }),
  },
  { rule: 'never uses a version twice, not after deletions either', wrong: () => ({ versionOf: counter() }) },
  { rule: 'ends an entry after its ttl, and not before', wrong: () => ({ untilOf: () => Number.POSITIVE_INFINITY }) },
  { rule: 'keeps an entry without ttl', wrong: ({ clock }) => ({ untilOf: (ttl = 150) => clock.now() + ttl }) },
  {
    rule: 'takes an expired entry for absent in both conditions',
    wrong: ({ entries, isLive }) => ({
      isLive: (entry) => isLive(entry) || [...entries.values()].includes(entry),
      found: (entry) => (entry && [...entries.values()].some((kept) => kept.version === entry.version && isLive(kept)) ? entry : undefined),
    }),
  },
  {
    rule: 'never uses a version twice, not after expiry either',
    wrong: ({ isLive }) => ({ versionOf: (before) => (before && isLive(before) ? String(Number(before.version) + 1) : '1') }),
  },
  {
    rule: 'sets the ttl anew with every write',
    wrong: ({ untilOf }) => ({ untilOf: (ttl, before) => before?.until ?? untilOf(ttl, before) }),
  },
  {
    rule: 'leaves the ttl alone when a condition fails',
    wrong: ({ entries, untilOf }) => ({
      failed: (key, entry, { ttl }) => {
        if (entry) entries.set(key, { ...entry, until: untilOf(ttl, entry) });
        return undefined;
      },
    }),
  },
  {
    rule: 'hands a lease over when its holder is late, and never back',
    wrong: ({ isMet }) => {
      const former = new Set<string>();
      return {
        versionOf: () => {
          const version = crypto.randomUUID();
          former.add(version);
          return version;
        },
        isMet: (ifVersion, entry, value) => (ifVersion !== null && former.has(ifVersion)) || isMet(ifVersion, entry, value),
      };
    },
  },
  // Nobody ever wins, which must not keep the check going for ever.
  { rule: 'loses no update of writers that try again', wrong: () => ({ isMet: (ifVersion, entry) => ifVersion === null && !entry }) },
  { rule: 'lets one of many writers be the first', wrong: () => ({ pause: nextTurn }) },
  { rule: 'lets one of many writers replace a version', wrong: () => ({ pause: nextTurn }) },
  { rule: 'loses no update of writers that try again', wrong: () => ({ pause: nextTurn }) },
  {
    rule: 'shows one handle what another one wrote, at once',
    wrong: () => ({}),
    fixture: (decisions) => ({ create: () => handleWithCache(storeOf(decisions)) }),
  },
  { rule: 'keeps unusual keys apart', wrong: () => ({ keyOf: (key) => key.toLowerCase() }) },
  { rule: 'keeps unusual keys apart', wrong: () => ({ keyOf: (key) => key.normalize() }) },
  { rule: 'keeps unusual keys apart', wrong: () => ({ keyOf: (key) => key.slice(0, 200) }) },
  { rule: 'takes an empty text for a value', wrong: () => ({ found: (entry) => (entry?.value ? entry : undefined) }) },
  { rule: 'takes a blank for a value', wrong: () => ({ kept: (value) => value.trim() }) },
  { rule: 'takes a number for a value', wrong: () => ({ found: (entry) => (entry?.value === '0' ? { ...entry, value: 0 } : entry) }) },
  { rule: 'takes the word null for a value', wrong: () => ({ found: (entry) => (entry?.value === 'null' ? null : entry) }) },
  { rule: 'takes JSON for a value', wrong: () => ({ kept: (value) => value.replaceAll('\\', '') }) },
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it is about
  { rule: 'takes control characters for a value', wrong: () => ({ kept: (value) => value.replace(/[\u0000-\u001f]/g, '') }) },
  { rule: 'takes line ends for a value', wrong: () => ({ kept: (value) => value.replaceAll('\r\n', '\n') }) },
  { rule: 'takes every plane of Unicode for a value', wrong: () => ({ kept: (value) => value.normalize() }) },
  { rule: 'takes a megabyte for a value', wrong: () => ({ kept: (value) => value.slice(0, 65_535) }) },
  {
    rule: 'has after a restart what it had before, and uses no version again',
    wrong: () => ({}),
    fixture: ({ entries }) => ({ restart: () => entries.clear() }),
  },
  {
    rule: 'tells that it cannot be reached from having lost a race',
    wrong: () => ({}),
    fixture: () => ({ unreachable: () => ({ read: () => Promise.reject(new Error('down')), write: async () => undefined }) }),
  },
];

const AFTER_RESTART = 'has after a restart what it had before, and uses no version again';

/** Stores that are right but for one thing, as real ones are. */
const faulty: readonly Faulty[] = [
  {
    fault: 'counts versions in the handle',
    rules: ['never uses a version twice, whichever handle writes', AFTER_RESTART],
    wrong: () => ({}),
    fixture: (decisions) => ({ create: () => storeOf({ ...decisions, versionOf: numbers() }) }),
  },
  {
    fault: 'counts versions from its start on',
    rules: [AFTER_RESTART],
    wrong: () => ({}),
    fixture: (decisions) => {
      let next = numbers();
      const restart = (): void => {
        next = numbers();
      };
      return { create: () => storeOf({ ...decisions, versionOf: () => next() }), restart };
    },
  },
  {
    fault: 'keeps the old end when a write over a version has no ttl',
    rules: ['sets the ttl anew with every write'],
    wrong: ({ untilOf }) => ({
      untilOf: (ttl, before, ifVersion) =>
        before && typeof ifVersion === 'string' && ttl === undefined ? before.until : untilOf(ttl, before),
    }),
  },
  {
    fault: 'keeps the old end when a write without a condition has no ttl',
    rules: ['sets the ttl anew with every write'],
    wrong: ({ untilOf }) => ({
      untilOf: (ttl, before, ifVersion) => (before && ifVersion === undefined && ttl === undefined ? before.until : untilOf(ttl, before)),
    }),
  },
  {
    fault: 'never makes a life longer by a write over a version',
    rules: ['sets the ttl anew with every write'],
    wrong: ({ untilOf }) => ({
      untilOf: (ttl, before, ifVersion) =>
        before && typeof ifVersion === 'string' ? Math.min(before.until, untilOf(ttl, before)) : untilOf(ttl, before),
    }),
  },
  {
    fault: 'never makes a life shorter by a write without a condition',
    rules: ['sets the ttl anew with every write'],
    wrong: ({ untilOf }) => ({
      untilOf: (ttl, before, ifVersion) =>
        before && ifVersion === undefined ? Math.max(before.until, untilOf(ttl, before)) : untilOf(ttl, before),
    }),
  },
  {
    fault: 'forgets the ttl of a write with ifVersion null',
    rules: ['ends an entry after its ttl, and not before'],
    wrong: ({ untilOf }) => ({
      untilOf: (ttl, before, ifVersion) => (ifVersion === null ? Number.POSITIVE_INFINITY : untilOf(ttl, before)),
    }),
  },
  {
    fault: 'ends what was written with ifVersion null and without ttl',
    rules: ['keeps an entry without ttl'],
    wrong: ({ untilOf }) => ({ untilOf: (ttl, before, ifVersion) => untilOf(ifVersion === null ? (ttl ?? 155) : ttl, before) }),
  },
  {
    fault: 'sets the ttl although the condition on a version failed',
    rules: ['leaves the ttl alone when a condition fails'],
    wrong: ({ entries, untilOf }) => ({
      failed: (key, entry, { ifVersion, ttl }) => {
        if (entry && typeof ifVersion === 'string' && ttl !== undefined) entries.set(key, { ...entry, until: untilOf(ttl, entry) });
        return undefined;
      },
    }),
  },
  {
    fault: 'takes an entry for lasting after the condition on a version failed',
    rules: ['leaves the ttl alone when a condition fails'],
    wrong: ({ entries }) => ({
      failed: (key, entry, { ifVersion, ttl }) => {
        if (entry && typeof ifVersion === 'string' && ttl === undefined) entries.set(key, { ...entry, until: Number.POSITIVE_INFINITY });
        return undefined;
      },
    }),
  },
  {
    fault: 'rejects a ttl that is no whole number',
    rules: ['takes a ttl that is no whole number'],
    wrong: () => ({
      judge: ({ ttl = 0 }) => {
        if (!Number.isInteger(ttl)) throw new Error('ERR value is not an integer or out of range');
      },
    }),
  },
  {
    fault: 'rejects a ttl that does not fit into 32 bits',
    rules: ['keeps an entry with a ttl of years'],
    wrong: () => ({
      judge: ({ ttl = 0 }) => {
        if (ttl > 2 ** 31 - 1) throw new Error('out of range');
      },
    }),
  },
  {
    fault: 'ends an entry at once whose ttl does not fit into a timer',
    rules: ['keeps an entry with a ttl of years'],
    wrong: ({ untilOf }) => ({
      untilOf: (ttl, before) => untilOf(ttl !== undefined && ttl > 2 ** 31 - 1 ? 1 : ttl, before),
    }),
  },
  {
    fault: 'keeps the last 32 bits of a ttl',
    rules: ['keeps an entry with a ttl of years'],
    wrong: ({ untilOf }) => ({
      untilOf: (ttl, before) => untilOf(ttl !== undefined && Number.isInteger(ttl) ? ttl >>> 0 : ttl, before),
    }),
  },
  {
    fault: 'takes the deletion of nothing with ifVersion null for a race that was lost',
    rules: ['deletes nothing with ifVersion null, and answers a version for it'],
    wrong: () => ({ deleted: (version, ifVersion, row) => (ifVersion === null && row === undefined ? undefined : version) }),
  },
  {
    fault: 'takes an expired entry for one that is there when it is to be deleted with ifVersion null',
    rules: ['takes an expired entry for absent in both conditions'],
    wrong: ({ isMet }) => ({
      isMet: (ifVersion, entry, value, row) => isMet(ifVersion, entry, value, row) && !(value === undefined && ifVersion === null && row),
    }),
  },
  {
    fault: 'keeps the end of an expired entry for what is written in its place without ttl',
    rules: ['takes an expired entry for absent in both conditions'],
    wrong: ({ untilOf }) => ({
      untilOf: (ttl, before, ifVersion, row) => (ifVersion === null && ttl === undefined && row ? row.until : untilOf(ttl, before)),
    }),
  },
];

const fixtureOf = ({ wrong, fixture }: Omit<Broken, 'rule'>): StoreFixture => {
  const clock = fakeClock({ now: 1_000_000 });
  const good = right(clock);
  const decisions = { ...good, ...wrong(good) };
  return {
    create: () => storeOf(decisions),
    elapse: clock.advance,
    restart: () => {},
    unreachable: () => ({ read: () => Promise.reject(new Error('down')), write: () => Promise.reject(new Error('down')) }),
    ...fixture?.(decisions),
  };
};

describe('a store that keeps the contract', () => {
  for (const { name, run } of storeContract(fixtureOf({ wrong: () => ({}) }))) it(name, run);
});

describe('each rule', () => {
  it.each(broken)('is broken by a store that is made to: $rule', async ({ rule, ...rest }) => {
    const check = storeContract(fixtureOf(rest)).find(({ name }) => name === rule);
    expect(check, 'a rule of this name').toBeDefined();
    await expect(check?.run()).rejects.toBeInstanceOf(ContractViolation);
  });

  it('has a store that breaks it', () => {
    const names = storeContract(fixtureOf({ wrong: () => ({}) })).map(({ name }) => name);
    expect(new Set([...broken.map(({ rule }) => rule), ...faulty.flatMap(({ rules }) => rules)])).toEqual(new Set(names));
  });
});

describe('a store with one fault', () => {
  it.each(faulty)('is found out by the rules that are about it, and passes the others: $fault', async ({ fault: _, rules, ...rest }) => {
    const found: string[] = [];
    for (const { name, run } of storeContract(fixtureOf(rest))) {
      const outcome: unknown = await run().catch((error: unknown) => error);
      if (outcome instanceof ContractViolation) found.push(name);
      else expect(outcome, name).toBeUndefined();
    }
    expect(found).toEqual(rules);
  });
});
