import type { Store, StoreEntry, WriteOptions } from '@auth/core';
import { type FakeClock, fakeClock } from '@auth/core/testing';
import { describe, expect, it } from 'vitest';
import { ContractViolation, type StoreFixture, storeContract } from '../index.ts';

/** One write, with what was there before it. */
interface Write extends WriteOptions {
  readonly key: string;
  readonly value: string | undefined;
  /** What is there, unless it has expired. */
  readonly before: Kept | undefined;
  /** The same, even if it has expired. */
  readonly row: Kept | undefined;
}

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
  readonly untilOf: (write: Write) => number;
  /** May throw for what it takes for wrong. */
  readonly judge: (options: WriteOptions) => void;
  readonly isLive: (entry: Kept) => boolean;
  readonly isMet: (write: Write) => boolean;
  readonly failed: (write: Write) => undefined;
  readonly deleted: (version: string, write: Write) => string | undefined;
  readonly answered: (version: string) => unknown;
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
  untilOf: ({ ttl = Number.POSITIVE_INFINITY }) => clock.now() + ttl,
  judge: () => {},
  isLive: ({ until }) => clock.now() < until,
  isMet: ({ ifVersion, before }) => ifVersion === undefined || (before?.version ?? null) === ifVersion,
  failed: () => undefined,
  deleted: (version) => version,
  answered: (version) => version,
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
      const key = decide.keyOf(given);
      const write: Write = { ...options, key, value, before: live(key), row: entries.get(key) };
      decide.judge(options);
      if (!decide.isMet(write)) return decide.failed(write);
      const pausing = decide.pause();
      if (pausing) await pausing;
      const version = decide.versionOf(write.row);
      if (value === undefined) {
        entries.delete(key);
        return decide.deleted(version, write);
      }
      entries.set(key, { value: decide.kept(value), version, until: decide.untilOf(write) });
      return decide.answered(version) as string;
    },
  };
};

type Wrong = (decisions: Decisions) => Partial<Decisions>;
type Fixture = (decisions: Decisions) => Partial<StoreFixture>;
type Ends = (write: Write, right: number) => number | undefined;

/** A store that is right but for one thing. */
interface Broken {
  readonly rules: readonly string[];
  /** What real stores do too: it breaks these rules and no others. `null` if it may break others. */
  readonly fault: string | null;
  /** What a first draft does, which may break other rules too. */
  readonly draft: string | null;
  readonly wrong: Wrong;
  readonly fixture: Fixture;
}

const same = () => ({});
const decides = (
  rules: string | readonly string[],
  fault: string | null,
  wrong: Wrong,
  fixture: Fixture = same,
  draft: string | null = null,
): Broken => ({
  rules: [rules].flat(),
  fault,
  draft,
  wrong,
  fixture,
});
const lives = (rules: string | readonly string[], fault: string | null, fixture: Fixture): Broken => decides(rules, fault, same, fixture);
/** Ends an entry at another time, where this gives one. */
const ends = (rule: string, fault: string | null, until: Ends): Broken =>
  decides(rule, fault, ({ untilOf }) => ({ untilOf: (write) => until(write, untilOf(write)) ?? untilOf(write) }));
/** Takes a condition for met when this says so. */
const meets = (rule: string, fault: string | null, isMet: (write: Write, right: boolean) => boolean): Broken =>
  decides(rule, fault, (good) => ({ isMet: (write) => write.ifVersion === undefined || isMet(write, good.isMet(write)) }));
/** Gives an entry another end although the condition of a write failed. */
const touches = (rule: string, fault: string | null, until: Ends): Broken =>
  decides(rule, fault, ({ entries, untilOf }) => ({
    failed: (write) => {
      const changed = until(write, untilOf(write));
      if (write.before && changed !== undefined) entries.set(write.key, { ...write.before, until: changed });
      return undefined;
    },
  }));
const rejects = (rule: string, fault: string, isWrong: (ttl: number) => boolean): Broken =>
  decides(rule, fault, () => ({
    judge: ({ ttl = 0 }) => {
      if (isWrong(ttl)) throw new Error('ERR value is not an integer or out of range');
    },
  }));
const answers = (fault: string, answer: unknown): Broken =>
  decides(WRITTEN, null, () => ({ answered: () => answer }), same, `its write answers ${fault}`);
/** What a first draft answers to a read. */
const reads = (rule: string, fault: string, found: Decisions['found']): Broken =>
  decides(rule, null, () => ({ found }), same, `its read answers ${fault}`);
const keeps = (rule: string, kept: Decisions['kept']): Broken => decides(rule, null, () => ({ kept }));
const finds = (rule: string, found: Decisions['found']): Broken => decides(rule, null, () => ({ found }));
const mixes = (keyOf: Decisions['keyOf']): Broken => decides('keeps unusual keys apart', null, () => ({ keyOf }));
const waits = (rule: string): Broken => decides(rule, null, () => ({ pause: () => new Promise((resolve) => setImmediate(resolve)) }));

type Overwrite = Write & { readonly before: Kept };
const isOver = (write: Write): write is Overwrite => write.before !== undefined && typeof write.ifVersion === 'string';
const isBlind = (write: Write): write is Overwrite => write.before !== undefined && write.ifVersion === undefined;
/** What fits into 32 bits with a sign. */
const MOST = 2 ** 31 - 1;
const down = () => Promise.reject(new Error('down'));

const next = (row: Kept | undefined): string => String(Number(row?.version ?? '0') + 1);
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

const NOTHING = 'answers nothing for a key that was never written';
const WRITTEN = 'answers what was written, with the version that write answered';
const AFTER_RESTART = 'has after a restart what it had before, and uses no version again';
const EXPIRED = 'takes an expired entry for absent in both conditions';
const END = 'ends an entry after its ttl, and not before';
const LASTING = 'keeps an entry without ttl';
const ANEW = 'sets the ttl anew with every write';
const ALONE = 'leaves the ttl alone when a condition fails';
const YEARS = 'keeps an entry with a ttl of years';
const UPDATES = 'loses no update of writers that try again';

const BROKEN: readonly Broken[] = [
  finds(NOTHING, (entry) => entry ?? null),
  finds(WRITTEN, (entry) => entry && { ...entry, version: `"${entry.version}"` }),
  answers('nothing', undefined),
  answers('null', null),
  answers('true', true),
  answers('a number', 1),
  answers('an empty text', ''),
  reads(NOTHING, 'false for nothing', (entry) => entry ?? false),
  reads(NOTHING, 'an empty text for nothing', (entry) => entry ?? ''),
  reads(NOTHING, 'an array for nothing', (entry) => entry ?? []),
  reads(NOTHING, 'an empty object for nothing', (entry) => entry ?? {}),
  reads(WRITTEN, 'the value alone', (entry) => entry?.value),
  reads(WRITTEN, 'no version', (entry) => entry && { value: entry.value }),
  reads(WRITTEN, 'bytes', (entry) => entry && { ...entry, value: new TextEncoder().encode(entry.value) }),
  ends('replaces an entry when no condition is given', null, ({ before }) => (before ? Number.NEGATIVE_INFINITY : undefined)),
  meets('writes over the version that is there', null, ({ ifVersion, before }) => ifVersion === null && !before),
  meets('changes nothing when another version is there', null, ({ ifVersion, before }, met) => (ifVersion === null ? met : !!before)),
  meets('writes over a version only where an entry is', null, ({ before, value }, met) => (!before && value !== undefined) || met),
  meets('writes over a version only where an entry is', null, ({ before, value }, met) => (!before && value === undefined) || met),
  meets('writes with ifVersion null only where nothing is', null, ({ ifVersion }, met) => ifVersion === null || met),
  decides('deletes, and answers a version for it', null, () => ({ deleted: () => undefined })),
  meets('deletes under a condition', null, ({ value }, met) => value !== undefined && met),
  decides('never uses a version twice, not after deletions either', null, () => ({ versionOf: next })),
  ends(END, null, () => Number.POSITIVE_INFINITY),
  decides(LASTING, null, ({ clock }) => ({ untilOf: ({ ttl = 150 }) => clock.now() + ttl })),
  decides(EXPIRED, null, ({ entries, isLive }) => ({
    isLive: () => true,
    found: (entry) => (entry && [...entries.values()].some((kept) => kept.version === entry.version && isLive(kept)) ? entry : undefined),
  })),
  decides('never uses a version twice, not after expiry either', null, ({ isLive }) => ({
    versionOf: (row) => next(row && isLive(row) ? row : undefined),
  })),
  ends(ANEW, null, ({ before }) => before?.until),
  touches(ALONE, null, (_, until) => until),
  decides('hands a lease over when its holder is late, and never back', null, ({ isMet, versionOf }) => {
    const former = new Set<unknown>();
    return {
      versionOf: (row) => {
        const version = versionOf(row);
        former.add(version);
        return version;
      },
      isMet: (write) => former.has(write.ifVersion) || isMet(write),
    };
  }),
  // Nobody ever wins, which must not keep the check going for ever.
  meets(UPDATES, null, ({ ifVersion, before }) => ifVersion === null && !before),
  waits(UPDATES),
  waits('lets one of many writers be the first'),
  waits('lets one of many writers replace a version'),
  lives('shows one handle what another one wrote, at once', null, (decisions) => ({ create: () => handleWithCache(storeOf(decisions)) })),
  mixes((key) => key.toLowerCase()),
  mixes((key) => key.normalize()),
  mixes((key) => key.slice(0, 200)),
  finds('takes an empty text for a value', (entry) => (entry?.value ? entry : undefined)),
  keeps('takes a blank for a value', (value) => value.trim()),
  finds('takes a number for a value', (entry) => (entry?.value === '0' ? { ...entry, value: 0 } : entry)),
  finds('takes the word null for a value', (entry) => (entry?.value === 'null' ? null : entry)),
  keeps('takes JSON for a value', (value) => value.replaceAll('\\', '')),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it is about
  keeps('takes control characters for a value', (value) => value.replace(/[\u0000-\u001f]/g, '')),
  keeps('takes line ends for a value', (value) => value.replaceAll('\r\n', '\n')),
  keeps('takes every plane of Unicode for a value', (value) => value.normalize()),
  keeps('takes a megabyte for a value', (value) => value.slice(0, 65_535)),
  lives(AFTER_RESTART, null, ({ entries }) => ({ restart: () => entries.clear() })),
  lives('tells that it cannot be reached from having lost a race', null, () => ({
    unreachable: () => ({ read: down, write: async () => undefined }),
  })),

  lives(['never uses a version twice, whichever handle writes', AFTER_RESTART], 'counts versions in the handle', (decisions) => ({
    create: () => storeOf({ ...decisions, versionOf: numbers() }),
  })),
  lives(AFTER_RESTART, 'counts versions from its start on', (decisions) => {
    let count = numbers();
    const restart = (): void => {
      count = numbers();
    };
    return { create: () => storeOf({ ...decisions, versionOf: () => count() }), restart };
  }),
  ends(ANEW, 'keeps the old end when a write over a version has no ttl', (w) =>
    isOver(w) && w.ttl === undefined ? w.before?.until : undefined,
  ),
  ends(ANEW, 'keeps the old end when a write without a condition has no ttl', (w) =>
    isBlind(w) && w.ttl === undefined ? w.before?.until : undefined,
  ),
  ends(ANEW, 'never makes a life longer by a write over a version', (w, end) => (isOver(w) ? Math.min(w.before.until, end) : undefined)),
  ends(ANEW, 'never makes a life shorter by a blind write', (w, end) => (isBlind(w) ? Math.max(w.before.until, end) : undefined)),
  ends(END, 'forgets the ttl of a write with ifVersion null', (w) => (w.ifVersion === null ? Number.POSITIVE_INFINITY : undefined)),
  decides(LASTING, 'ends what was written with ifVersion null and without ttl', ({ clock, untilOf }) => ({
    untilOf: (write) => (write.ifVersion === null && write.ttl === undefined ? clock.now() + 155 : untilOf(write)),
  })),
  touches(ALONE, 'sets the ttl although the condition on a version failed', (w, end) =>
    isOver(w) && w.ttl !== undefined ? end : undefined,
  ),
  touches(ALONE, 'takes an entry for lasting after a failed condition on a version', (w) =>
    isOver(w) && w.ttl === undefined ? Number.POSITIVE_INFINITY : undefined,
  ),
  rejects('takes a ttl that is no whole number', 'rejects a ttl that is no whole number', (ttl) => !Number.isInteger(ttl)),
  rejects(YEARS, 'rejects a ttl that does not fit into 32 bits', (ttl) => ttl > MOST),
  decides(YEARS, 'ends an entry at once whose ttl does not fit into a timer', ({ clock, untilOf }) => ({
    untilOf: (write) => ((write.ttl ?? 0) > MOST ? clock.now() + 1 : untilOf(write)),
  })),
  decides(YEARS, 'keeps the last 32 bits of a ttl', ({ clock, untilOf }) => ({
    untilOf: (write) => (Number.isInteger(write.ttl) ? clock.now() + (Number(write.ttl) >>> 0) : untilOf(write)),
  })),
  decides(
    'deletes nothing with ifVersion null, and answers a version for it',
    'takes the deletion of nothing for a race that was lost',
    () => ({
      deleted: (version, { ifVersion, row }) => (ifVersion === null && row === undefined ? undefined : version),
    }),
  ),
  meets(
    EXPIRED,
    'takes an expired entry for one that is there when it is to be deleted with ifVersion null',
    (w, met) => met && !(w.value === undefined && w.ifVersion === null && w.row),
  ),
  ends(EXPIRED, 'keeps the end of an expired entry for what is written in its place without ttl', (w) =>
    w.ifVersion === null && w.ttl === undefined ? w.row?.until : undefined,
  ),
];

const contractOf = ({ wrong, fixture }: Pick<Broken, 'wrong' | 'fixture'>) => {
  const clock = fakeClock({ now: 1_000_000 });
  const decisions = right(clock);
  Object.assign(decisions, wrong({ ...decisions }));
  const unreachable = (): Store => ({ read: down, write: down });
  return storeContract({ create: () => storeOf(decisions), elapse: clock.advance, restart: () => {}, unreachable, ...fixture(decisions) });
};
const good = contractOf({ wrong: same, fixture: same });

describe('a store that keeps the contract', () => {
  for (const { name, run } of good) it(name, run);
});

describe('a store is caught that does not do this', () => {
  const titled = BROKEN.map(
    (broken) =>
      [[broken.rules.join(', '), broken.fault === null ? broken.draft : `it ${broken.fault}`].filter(Boolean).join(': '), broken] as const,
  );
  it.each(titled)('%s', async (_, { rules, fault, ...rest }) => {
    const found: string[] = [];
    for (const { name, run } of contractOf(rest)) {
      if (fault === null && !rules.includes(name)) continue;
      const outcome: unknown = await run().catch((error: unknown) => error);
      if (outcome instanceof ContractViolation) found.push(name);
      else expect(outcome, name).toBeUndefined();
    }
    expect(found).toEqual(rules);
  });

  it('and each rule has one that breaks it', () => {
    expect(new Set(BROKEN.flatMap(({ rules }) => rules))).toEqual(new Set(good.map(({ name }) => name)));
  });
});
