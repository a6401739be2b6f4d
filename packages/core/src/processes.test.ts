import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { never, openFleet, type Upstream, type Worker } from '../test/fleet.ts';
import type { Answer, EngineOptions } from '../test/protocol.ts';

const HOUR = 3_600_000;

/** Milliseconds after its last sign of life until a dead holder's lease is free again: 1.2 × its ttl at most. */
const TAKE_OVER = 3_600;

// Eight processes take their time to start on a busy machine; what must be fast is measured.
vi.setConfig({ testTimeout: 30_000 });

const fleet = openFleet();
const { until } = fleet;

afterEach(async ({ task }) => {
  // Processes serve the next test too, unless this one may have left them in disorder.
  if (task.result?.state !== 'pass') await fleet.killAll();
});
afterAll(fleet.close);

const good = (value: string): Answer => ({ value, lifetime: 2 * HOUR });

/** A promise and what settles it. */
const gate = (): { readonly opened: Promise<void>; readonly open: () => void } => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
};

/** Gives an engine to each of this many processes, all on one store. */
const opened = async (count: number, options: (index: number) => EngineOptions): Promise<readonly Worker[]> => {
  const workers = await fleet.workers(count);
  await Promise.all(workers.map((worker, index) => worker.run({ do: 'open', options: options(index) })));
  return workers;
};

const sharing = ({ url }: Upstream, more: Partial<EngineOptions> = {}): EngineOptions => ({
  url,
  path: fleet.storePath(),
  key: 'acme',
  ...more,
});

const heard = (type: string, { events }: Worker): number => events.filter((event) => event.type === type).length;
const heardByAll = (type: string, workers: readonly Worker[]): number => workers.reduce((sum, worker) => sum + heard(type, worker), 0);

/** What the callers of all processes got. */
const total = (tallies: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> => {
  const sum: Record<string, number> = {};
  for (const [name, count] of tallies.flatMap(Object.entries<number>)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
};

const callAll = async (workers: readonly Worker[], callers: number): Promise<Readonly<Record<string, number>>> =>
  total(await Promise.all(workers.map(({ token }) => token(callers))));

const processOf = (
  pid: number | undefined,
  workers: readonly Worker[],
): { readonly holder: Worker; readonly others: readonly Worker[] } => {
  const holder = workers.find((worker) => worker.pid === pid);
  if (holder === undefined) throw new Error('The upstream was asked by a process of another test.');
  return { holder, others: workers.filter((worker) => worker !== holder) };
};

describe('eight processes with a hundred callers each', () => {
  it('ask the vendor once, while all of them wait, and get the same token', async () => {
    const answered = gate();
    const upstream = await fleet.upstream(async (_, index) => {
      await answered.opened;
      return good(`t${index}`);
    });
    const options = sharing(upstream);
    const workers = await opened(8, () => options);
    const callers = callAll(workers, 100);
    await until(() => upstream.calls.length > 0 && heardByAll('lease_waited', workers) === 7);
    answered.open();
    expect(await callers).toEqual({ t0: 800 });
    expect(upstream.calls).toHaveLength(1);
    expect([heardByAll('acquired', workers), heardByAll('adopted', workers), heardByAll('served_without_store', workers)]).toEqual([
      1, 7, 0,
    ]);
  });

  it('ask the vendor once, however fast it answers, in each of ten rounds', async () => {
    const upstream = await fleet.upstream((_, index) => good(`t${index}`));
    const options = sharing(upstream);
    const workers = await opened(8, () => options);
    for (let round = 0; round < 10; round += 1) {
      expect(await callAll(workers, 100)).toEqual({ [`t${round}`]: 800 });
      expect(upstream.calls).toHaveLength(round + 1);
      await Promise.all(workers.map(({ run }) => run({ do: 'invalidate', value: `t${round}` })));
    }
  });
});

describe('a process that dies with the lease in its hands', () => {
  it('costs the others one more call, and no longer than the lease outlives it', async () => {
    const upstream = await fleet.upstream((_, index) => (index === 0 ? never : good(`t${index}`)));
    const options = sharing(upstream);
    const workers = await opened(8, () => options);
    const calls = workers.map((worker) => ({ worker, tally: worker.token(100) }));
    await until(() => upstream.calls.length > 0 && heardByAll('lease_waited', workers) === 7);
    const { holder } = processOf(upstream.calls[0]?.pid, workers);
    const killed = performance.now();
    holder.signal('SIGKILL');
    const outcomes = await Promise.allSettled(calls.map(({ tally }) => tally));
    expect(performance.now() - killed).toBeLessThan(TAKE_OVER);
    expect(await holder.exited).toBeNull();
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(total(outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])))).toEqual({ t1: 700 });
    expect(upstream.calls).toHaveLength(2);
  });
});

describe('a process that stands still with the lease in its hands', () => {
  it('does not hang the others, and afterwards takes over their token instead of overwriting it', async () => {
    const resumed = gate();
    const upstream = await fleet.upstream(async (_, index) => {
      if (index === 0) await resumed.opened;
      return good(`t${index}`);
    });
    const options = sharing(upstream);
    const workers = await opened(4, () => options);
    const calls = workers.map((worker) => ({ worker, tally: worker.token(100) }));
    await until(() => upstream.calls.length > 0 && heardByAll('lease_waited', workers) === 3);
    const { holder, others } = processOf(upstream.calls[0]?.pid, workers);
    holder.signal('SIGSTOP');
    const theirs = await Promise.all(calls.filter(({ worker }) => worker !== holder).map(({ tally }) => tally));
    expect(total(theirs)).toEqual({ t1: 300 });

    holder.signal('SIGCONT');
    await until(() => heard('lease_lost', holder) > 0);
    resumed.open();
    expect(await calls.find(({ worker }) => worker === holder)?.tally).toEqual({ t1: 100 });
    expect(heard('adopted', holder)).toBe(1);
    // A process that knows nothing gets what the store holds.
    await others[0]?.run({ do: 'open', options });
    expect(await others[0]?.token(1)).toEqual({ t1: 1 });
    expect(upstream.calls).toHaveLength(2);
  });

  it('takes over their token also when its own answer has arrived meanwhile', async () => {
    const stopped = gate();
    const upstream = await fleet.upstream(async (_, index) => {
      if (index === 0) await stopped.opened;
      return good(`t${index}`);
    });
    const options = sharing(upstream);
    const workers = await opened(4, () => options);
    const calls = workers.map((worker) => ({ worker, tally: worker.token(100) }));
    await until(() => upstream.calls.length > 0 && heardByAll('lease_waited', workers) === 3);
    const { holder } = processOf(upstream.calls[0]?.pid, workers);
    holder.signal('SIGSTOP');
    stopped.open();
    await Promise.all(calls.filter(({ worker }) => worker !== holder).map(({ tally }) => tally));
    holder.signal('SIGCONT');
    expect(total(await Promise.all(calls.map(({ tally }) => tally)))).toEqual({ t1: 400 });
    expect(upstream.calls).toHaveLength(2);
  });
});

describe('a process that stands still beyond every deadline', () => {
  /** Milliseconds, which are 40 s and more on the clock of the process. */
  const STOPPED = 2_000;
  const FACTOR = 20;

  const stopped = async ({ signal }: Worker, meanwhile: () => void): Promise<void> => {
    signal('SIGSTOP');
    meanwhile();
    await new Promise((resolve) => setTimeout(resolve, STOPPED));
    signal('SIGCONT');
  };

  it('takes the answer that is here, for all who wait and for those who come then', async () => {
    const answered = gate();
    const upstream = await fleet.upstream(async (_, index) => {
      if (index === 0) await answered.opened;
      return good(`t${index}`);
    });
    const [worker] = await opened(1, () => sharing(upstream, { standstill: FACTOR }));
    const before = worker?.token(100);
    await until(() => upstream.calls.length > 0);
    let after: Promise<Readonly<Record<string, number>>> | undefined;
    if (worker)
      await stopped(worker, () => {
        answered.open();
        after = worker.token(100);
      });
    expect([await before, await after]).toEqual([{ t0: 100 }, { t0: 100 }]);
    expect(upstream.calls).toHaveLength(1);
  });

  it('does not send a refresh token twice that works once, and keeps the next one', async () => {
    const answered = gate();
    const upstream = await fleet.upstream(async (_, index) => {
      if (index === 0) await answered.opened;
      return { ...good(`t${index}`), refreshToken: `g${index + 1}` };
    });
    const [worker] = await opened(1, () => sharing(upstream, { standstill: FACTOR, isSingleUse: true }));
    await worker?.run({ do: 'adopt', value: 'adopted', refreshToken: 'g0' });
    await worker?.run({ do: 'invalidate', value: 'adopted' });
    const before = worker?.token(10);
    await until(() => upstream.calls.length > 0);
    if (worker) await stopped(worker, answered.open);
    expect(await before).toEqual({ t0: 10 });
    await worker?.run({ do: 'invalidate', value: 't0' });
    expect(await worker?.token(10)).toEqual({ t1: 10 });
    expect(upstream.calls.map(({ refreshToken }) => refreshToken)).toEqual(['g0', 'g1']);
  });

  it('ends with `timeout` if there is no answer, and starts again', async () => {
    const upstream = await fleet.upstream((_, index) => (index === 0 ? never : good(`t${index}`)));
    const [worker] = await opened(1, () => sharing(upstream, { standstill: FACTOR }));
    const before = worker?.token(10);
    await until(() => upstream.calls.length > 0);
    if (worker) await stopped(worker, () => {});
    expect(await before).toEqual({ timeout: 10 });
    await worker?.run({ do: 'reset' });
    expect(await worker?.token(10)).toEqual({ t1: 10 });
  });
});

describe('wrong credentials', () => {
  const RIGHT = 'right';
  const judging = (wait: Promise<void> = Promise.resolve()): Promise<Upstream> =>
    fleet.upstream(async ({ secret }, index) => {
      await wait;
      return secret === RIGHT ? good(`t${index}`) : { status: 401 };
    });

  it('cost one attempt in eight processes that restart five times, and none in a ninth that comes later', async () => {
    const answered = gate();
    const upstream = await judging(answered.opened);
    const options = sharing(upstream, { secret: 'wrong' });
    for (let round = 0; round < 5; round += 1) {
      const workers = await opened(8, () => options);
      const callers = callAll(workers, 10);
      if (round === 0) await until(() => upstream.calls.length > 0 && heardByAll('lease_waited', workers) === 7);
      answered.open();
      expect(await callers).toEqual({ invalid_credentials: 80 });
    }
    const [ninth] = await opened(9, () => options).then((workers) => workers.slice(8));
    expect(await ninth?.token(10)).toEqual({ invalid_credentials: 10 });
    expect(upstream.calls).toHaveLength(1);
    expect((await ninth?.run({ do: 'status' }))?.status).toMatchObject({ state: 'refused', attemptsLeft: 2 });

    const mended = await opened(9, () => ({ ...options, secret: RIGHT }));
    expect(await callAll(mended, 10)).toEqual({ t1: 90 });
    expect(upstream.calls).toHaveLength(2);
    const statuses = await Promise.all(mended.map(({ run }) => run({ do: 'status' })));
    expect(statuses.map(({ status }) => status?.attemptsLeft)).toEqual(Array.from({ length: 9 }, () => 3));
  });

  it('cost one attempt for fifty users of one account in eight processes', async () => {
    const answered = gate();
    const upstream = await judging(answered.opened);
    const options = sharing(upstream, { secret: 'wrong', hasSubjects: true });
    const subjects = Array.from({ length: 50 }, (_, index) => `user-${index}`);
    const workers = await opened(8, () => options);
    const callers = Promise.all(workers.map(({ run }) => run({ do: 'token', subjects })));
    // Each user's lease is in one process, and the seven others want it.
    await until(() => upstream.calls.length > 0 && heardByAll('lease_waited', workers) === 7 * 50);
    answered.open();
    expect(total((await callers).map(({ tally = {} }) => tally))).toEqual({ invalid_credentials: 400 });
    expect(upstream.calls).toHaveLength(1);
  });

  it('stop every further secret after three different ones, until one process resets them for all', async () => {
    const upstream = await judging();
    const options = sharing(upstream);
    const workers = await opened(5, (index) => ({ ...options, secret: ['one', 'two', 'three', 'four', RIGHT][index] ?? '' }));
    const [fourth, right] = workers.slice(3);
    expect(await callAll(workers.slice(0, 3), 10)).toEqual({ invalid_credentials: 30 });
    expect(upstream.calls.map(({ secret }) => secret).sort()).toEqual(['one', 'three', 'two']);

    expect(await fourth?.token(10)).toEqual({ attempts_exhausted: 10 });
    expect(upstream.calls).toHaveLength(3);
    expect(heardByAll('guard_tripped', workers)).toBe(1);

    await workers[0]?.run({ do: 'reset' });
    const statuses = await Promise.all(workers.map(({ run }) => run({ do: 'status' })));
    expect(statuses.map(({ status }) => status?.attemptsLeft)).toEqual([3, 3, 3, 3, 3]);
    expect(await right?.token(10)).toEqual({ t3: 10 });
    expect(upstream.calls).toHaveLength(4);
  });
});

describe('a store that cannot be reached', () => {
  it('is no outage: each process asks for itself, says so, and no caller fails', async () => {
    const upstream = await fleet.upstream((_, index) => good(`t${index}`));
    const options = sharing(upstream);
    fleet.unplug(options.path);
    const workers = await opened(4, () => options);
    const tallies = await Promise.all(workers.map(({ token }) => token(100)));
    expect(total(tallies)).toEqual({ t0: 100, t1: 100, t2: 100, t3: 100 });
    expect(upstream.calls).toHaveLength(4);
    expect(workers.map((worker) => heard('served_without_store', worker) > 0)).toEqual([true, true, true, true]);
  });

  it('leaves every process the token that it has, and lets it replace one that is refused', async () => {
    const upstream = await fleet.upstream((_, index) => good(`t${index}`));
    const options = sharing(upstream);
    const workers = await opened(4, () => options);
    expect(await callAll(workers, 100)).toEqual({ t0: 400 });
    fleet.unplug(options.path);
    expect(await callAll(workers, 100)).toEqual({ t0: 400 });
    expect(upstream.calls).toHaveLength(1);

    await Promise.all(workers.map(({ run }) => run({ do: 'invalidate', value: 't0' })));
    expect(await callAll(workers, 100)).toEqual({ t1: 100, t2: 100, t3: 100, t4: 100 });
    expect(workers.map((worker) => heard('served_without_store', worker) > 0)).toEqual([true, true, true, true]);
    expect(upstream.calls).toHaveLength(5);
  });
});

describe('a single-use refresh token', () => {
  /** Refuses a refresh token that it has seen, like an authorisation server that detects replay. */
  const rotating = (mayAnswer: (index: number) => boolean = () => true): Promise<Upstream> => {
    const used = new Set<string | null>();
    return fleet.upstream(({ refreshToken }, index) => {
      if (used.has(refreshToken)) return { status: 400 };
      used.add(refreshToken);
      return mayAnswer(index) ? { ...good(`t${index}`), refreshToken: `g${index + 1}` } : never;
    });
  };

  it('is used once each in a chain of twenty renewals by four processes', async () => {
    const upstream = await rotating();
    const options = sharing(upstream, { isSingleUse: true });
    const workers = await opened(4, () => options);
    await workers[0]?.run({ do: 'adopt', value: 'adopted', refreshToken: 'g0' });
    let value = 'adopted';
    expect(await callAll(workers, 10)).toEqual({ adopted: 40 });
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(workers.map(({ run }) => run({ do: 'invalidate', value })));
      value = `t${round}`;
      expect(await callAll(workers, 10)).toEqual({ [value]: 40 });
    }
    expect(upstream.calls.map(({ refreshToken }) => refreshToken)).toEqual(Array.from({ length: 20 }, (_, index) => `g${index}`));
    expect(new Set(upstream.calls.map(({ pid }) => pid)).size).toBeGreaterThan(1);
  });

  it('is never sent again when the process that sent it was killed before the answer', async () => {
    const upstream = await rotating((index) => index > 0);
    const options = sharing(upstream, { isSingleUse: true });
    const workers = await opened(3, () => options);
    await workers[0]?.run({ do: 'adopt', value: 'adopted', refreshToken: 'g0' });
    await callAll(workers, 1);
    await Promise.all(workers.map(({ run }) => run({ do: 'invalidate', value: 'adopted' })));
    const calls = workers.map((worker) => ({ worker, tally: worker.token(10) }));
    await until(() => upstream.calls.length > 0 && heardByAll('lease_waited', workers) === 2);
    const { holder, others } = processOf(upstream.calls[0]?.pid, workers);
    holder.signal('SIGKILL');
    const outcomes = await Promise.allSettled(calls.map(({ tally }) => tally));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(total(outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])))).toEqual({ outcome_unknown: 20 });
    // Nor by a process that starts later.
    await others[0]?.run({ do: 'open', options });
    expect(await others[0]?.token(10)).toEqual({ outcome_unknown: 10 });
    expect(upstream.calls.map(({ refreshToken }) => refreshToken)).toEqual(['g0']);

    await others[1]?.run({ do: 'adopt', value: 'anew', refreshToken: 'another' });
    await others[1]?.run({ do: 'invalidate', value: 'anew' });
    expect(await others[1]?.token(10)).toEqual({ t1: 10 });
    expect(upstream.calls.map(({ refreshToken }) => refreshToken)).toEqual(['g0', 'another']);
  });
});

describe('a vendor that fails', () => {
  it('is asked once in each round, by one process for seven others that wait for it', async () => {
    let answered = gate();
    const upstream = await fleet.upstream(async () => {
      await answered.opened;
      return { status: 503 };
    });
    const options = sharing(upstream);
    const workers = await opened(8, () => options);
    const [first, ...others] = workers;
    for (let round = 1; round <= 5; round += 1) {
      const leading = first?.token(10);
      await until(() => upstream.calls.length === round);
      const following = callAll(others, 10);
      await until(() => heardByAll('lease_waited', others) === 7 * round);
      answered.open();
      expect([await leading, await following]).toEqual([{ unavailable: 10 }, { unavailable: 70 }]);
      expect(upstream.calls).toHaveLength(round);
      answered = gate();
      // Each process would wait for up to a second; resetting starts the next round at once.
      await Promise.all(workers.map(({ run }) => run({ do: 'reset' })));
    }
  });
});

describe('a process with nothing else to do', () => {
  it('ends by itself while a renewal in the background hangs', async () => {
    const upstream = await fleet.upstream((_, index) => (index === 0 ? { value: 'due', lifetime: HOUR, age: 50 * 60_000 } : never));
    const worker = fleet.script([
      { do: 'open', options: sharing(upstream, { isUnref: true }) },
      { do: 'token', callers: 10 },
    ]);
    const started = performance.now();
    expect(await worker.exited).toBe(0);
    // Far below the 30 s after which the engine would give up the renewal.
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(worker.results).toEqual([{}, { tally: { due: 10 } }]);
    await until(() => upstream.calls.length === 2);
  });

  it('does not end while a caller waits for a token', async () => {
    const upstream = await fleet.upstream(async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return good('t0');
    });
    const worker = fleet.script([
      { do: 'open', options: sharing(upstream, { isUnref: true }) },
      { do: 'token', callers: 10 },
    ]);
    expect(await worker.exited).toBe(0);
    expect(worker.results).toEqual([{}, { tally: { t0: 10 } }]);
  });
});
