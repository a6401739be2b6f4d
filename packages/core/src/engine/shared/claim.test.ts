import { describe, expect, it } from 'vitest';
import { failure } from '../../../test/engine-context.ts';
import { pending } from '../../../test/pending.ts';
import { KEY, outcomeOf, type SharedEntryOptions, same, sharedEntry } from '../../../test/shared-entry.ts';
import type { Claim } from './claim.ts';

const down = (message = 'no store') => failure('store_unavailable', {}, message);

/** The claim that was taken. */
const held = <R>(claim: Claim<R> | undefined): Claim<R> => claim ?? expect.fail('no claim');

const text = (record: string, lease: string | null, ...note: readonly unknown[]): string => JSON.stringify([2, [record], lease, ...note]);

/** A client that repeats a command, because its answer was lost: the second one is too late. */
const repeatedOnce = () => {
  let isRepeated = false;
  return async (write: () => Promise<string | undefined>) => {
    if (!isRepeated) await write();
    isRepeated = true;
    return write();
  };
};

/** A process that holds the lease of an entry with the record `kept`. */
const setUp = async (options: SharedEntryOptions = {}) => {
  const world = sharedEntry(options);
  const first = await world.memory.write(KEY, text('kept', null));
  const one = world.join();
  const { claim, changes } = await one.take();
  const { owner } = held(claim);
  return { ...world, one, claim: held(claim), changes, owner, first, other: world.join() };
};

describe('taking the lease', () => {
  it('changes the record with the same write, over the version that was found', async () => {
    const { first, written, memory, join, stored } = await setUp();
    expect(written).toEqual([{ value: expect.stringMatching(/^\[2,\["kept"\],"/), ifVersion: first, ttl: undefined }]);
    const version = await memory.write(KEY, text('new', null));
    const { claim, changes } = await join().take((there, ours) => `${there}, ${ours}, changed`);
    expect([claim?.ours, changes]).toEqual(['new, new, changed', ['held']]);
    expect(written[1]).toMatchObject({ ifVersion: version });
    expect(await stored()).toBe(text('new, new, changed', held(claim).owner));
  });

  it('fails if somebody else was faster, and leaves the entry as it is', async () => {
    const { memory, join, stored, armed } = sharedEntry();
    const process = join();
    process.writesDo(async (write) => {
      await memory.write(KEY, text('theirs', 'faster'));
      return write();
    });
    const { claim, changes, owners } = await process.take();
    expect([claim, changes, await stored(), armed()]).toEqual([undefined, [], text('theirs', 'faster'), []]);
    expect([owners.length, process.place.owners.alive.size]).toEqual([1, 0]);
  });

  it('fails if somebody else has changed the record meanwhile, though the lease is free', async () => {
    const { memory, join, stored } = sharedEntry();
    const process = join();
    process.writesDo(async (write) => {
      await memory.write(KEY, text('theirs', null));
      return write();
    });
    expect([(await process.take()).claim, await stored()]).toEqual([undefined, text('theirs', null)]);
  });

  it('fails if the change is `undefined`, and writes nothing', async () => {
    const { join, written } = sharedEntry();
    const { claim, changes } = await join().take(() => undefined);
    expect([claim, changes, written]).toEqual([undefined, [], []]);
  });

  it('succeeds if a client repeats the command, because the entry then shows its own text', async () => {
    const { join, stored } = sharedEntry();
    const process = join();
    process.writesDo(repeatedOnce());
    const { claim, changes } = await process.take(() => 'taken');
    expect([changes, claim?.ours, await stored()]).toEqual([['held'], 'taken', text('taken', held(claim).owner)]);
    expect(await held(claim).write(() => 'done', { last: true })).toBe(true);
  });

  it('rejects while the store is down, at once', async () => {
    const { join, armed } = sharedEntry();
    const process = join();
    process.writesDo(() => Promise.reject(down()));
    await expect(process.take()).rejects.toThrow('no store');
    expect(armed()).toEqual([]);
  });

  it('tries for five seconds, if it insists, and then rejects', async () => {
    const { join, clock } = sharedEntry();
    const process = join();
    process.writesDo(() => Promise.reject(down()));
    const outcome = outcomeOf(process.take(same, true));
    await clock.settle(4_500);
    expect(outcome()).toBe('none yet');
    await clock.settle(500);
    expect(outcome()).toBe('rejected: no store');
  });

  it('succeeds if it insists and only the answer was lost', async () => {
    const { join, clock, stored, written } = sharedEntry();
    const process = join();
    let losses = 0;
    process.writesDo(async (write) => {
      const version = await write();
      losses += 1;
      return losses === 1 ? Promise.reject(down()) : version;
    });
    const taking = process.take(() => 'taken', true);
    await clock.settle(50);
    const { claim, changes } = await taking;
    expect([changes, await stored(), written.length]).toEqual([['held'], text('taken', held(claim).owner), 3]);
  });

  it('succeeds if only the answer was lost and somebody else has changed the record since: what they wrote stays', async () => {
    const { join, clock, stored } = sharedEntry();
    const process = join();
    const other = join();
    let losses = 0;
    process.writesDo(async (write) => {
      const version = await write();
      losses += 1;
      if (losses > 1) return version;
      await other.place.entries.change(KEY, () => 'theirs');
      return Promise.reject(down());
    });
    const taking = process.take((there) => (there === 'nothing' ? 'taken' : there), true);
    await clock.settle(50);
    const { claim, changes } = await taking;
    expect([changes, await stored()]).toEqual([['held'], text('theirs', held(claim).owner)]);
  });
});

describe('a holder', () => {
  it('keeps the lease by a heartbeat every second, which rewrites the whole entry over its own last version', async () => {
    const { clock, written, memory, owner, armed } = await setUp();
    const versions: (string | undefined)[] = [];
    for (let second = 0; second < 4; second += 1) {
      await clock.settle(second === 0 ? 999 : 1_000);
      versions.push((await memory.read(KEY))?.version);
      expect(written).toHaveLength(second + 1);
    }
    await clock.settle(1);
    expect(written).toHaveLength(5);
    expect(written.slice(1)).toEqual(versions.map((ifVersion) => ({ value: text('kept', owner), ifVersion, ttl: undefined })));
    expect(armed()).toEqual([[5_000, false]]);
  });

  it('keeps an entry that says nothing for three more seconds with each heartbeat', async () => {
    const { join, clock, written, stored } = sharedEntry();
    await join().take();
    await clock.settle(12_000);
    expect([written.length, await stored()]).toEqual([13, expect.any(String)]);
    expect(new Set(written.map(({ ttl }) => ttl))).toEqual(new Set([3_000]));
  });

  it('counts to the next heartbeat from its last write', async () => {
    const { claim, clock, written } = await setUp();
    await clock.settle(900);
    await claim.write(() => 'new');
    await clock.settle(999);
    expect(written).toHaveLength(2);
    await clock.settle(1);
    expect(written).toHaveLength(3);
  });

  it('keeps the lease when heartbeats fail and one succeeds before three seconds are over', async () => {
    const { join, clock, stored } = sharedEntry();
    const one = join();
    const { changes } = await one.take();
    await clock.settle(500);
    one.unplug();
    await clock.settle(2_000);
    one.plug();
    await clock.settle(10_000);
    expect([changes, await stored()]).toEqual([['held'], expect.any(String)]);
  });

  it('tries a heartbeat again every quarter of a second while the store is down', async () => {
    const { one, clock, written } = await setUp();
    await clock.settle(500);
    let beats = 0;
    one.writesDo(async () => {
      beats += 1;
      throw down();
    });
    await clock.settle(499);
    expect(beats).toBe(0);
    await clock.settle(1 + 750);
    expect(beats).toBe(4);
    one.writesDo((write) => write());
    await clock.settle(1_249);
    expect(written).toHaveLength(2);
    await clock.settle(1);
    expect(written).toHaveLength(3);
  });

  it('reports a lost lease once, and stops its heartbeat', async () => {
    const { claim, changes, memory, clock, written, armed, stored, one, owner } = await setUp();
    await clock.settle(500);
    await memory.write(KEY, text('kept', 'thief'));
    await clock.settle(499);
    expect(changes).toEqual(['held']);
    await clock.settle(1);
    expect(changes).toEqual(['held', 'lost']);
    expect(one.place.owners.alive.has(owner)).toBe(false);
    await clock.settle(10_000);
    expect([written.length, armed()]).toEqual([2, []]);
    expect(await claim.write(() => undefined, { last: true })).toBe(false);
    expect([changes, await stored(), written.length]).toEqual([['held', 'lost'], text('kept', 'thief'), 2]);
  });

  it('has lost its lease when the entry expired, even if nobody has taken it since', async () => {
    const { join, clock, stored } = sharedEntry();
    const one = join();
    const { changes } = await one.take();
    one.unplug();
    await clock.settle(3_500);
    one.plug();
    await clock.settle(500);
    expect([changes, await stored()]).toEqual([['held', 'lost'], undefined]);
  });

  it.each([0, 1_500])(
    'has lost its lease when the subject was forgotten: it writes nothing where the entry was removed %d ms ago',
    async (ago) => {
      const { claim, changes, other, stored, clock } = await setUp();
      await other.place.entries.remove(KEY);
      await clock.settle(ago);
      expect(await claim.write(() => 'new', { last: true })).toBe(false);
      expect([changes, await stored()]).toEqual([['held', 'lost'], undefined]);
    },
  );

  it('keeps the lease after three seconds without the store if nobody has taken it', async () => {
    const { claim, one, changes, clock, stored } = await setUp();
    one.unplug();
    await clock.settle(20_000);
    one.plug();
    await clock.settle(250);
    expect([changes, await claim.write(() => 'new', { last: true }), await stored()]).toEqual([['held'], true, text('new', null)]);
  });

  it.each(['has noticed', 'has not noticed'])(
    'that %s the loss still writes a record, but leaves lease and note to the new holder',
    async (when) => {
      const { claim, changes, memory, stored, clock, armed } = await setUp();
      const theirs = ['theirs', '{"message":"down","code":"unavailable"}'];
      await memory.write(KEY, text('kept', 'thief', theirs));
      if (when === 'has noticed') await clock.settle(1_000);
      const note = { id: 'ours', failure: down() };
      expect(await claim.write((there, ours) => (there === ours ? 'new' : undefined), { last: true, note })).toBe(true);
      expect([changes, await stored(), armed()]).toEqual([['held', 'lost'], text('new', 'thief', theirs), []]);
    },
  );

  it('that has lost its lease leaves a record that the new holder has changed', async () => {
    const { claim, memory, stored } = await setUp();
    await memory.write(KEY, text('theirs', 'thief'));
    expect(await claim.write((there, ours) => (there === ours ? 'new' : undefined), { last: true })).toBe(false);
    expect([claim.there, claim.ours, await stored()]).toEqual(['theirs', 'kept', text('theirs', 'thief')]);
  });
});

describe('a write of a claim', () => {
  it('keeps the lease, and is what the next one goes over', async () => {
    const { claim, owner, stored, written, memory } = await setUp();
    expect(await claim.write(() => 'new')).toBe(true);
    expect([claim.ours, await stored()]).toEqual(['new', text('new', owner)]);
    const before = await memory.read(KEY);
    await claim.write((there, ours) => `${there}, ${ours}`);
    expect([claim.ours, written.at(-1)?.ifVersion]).toEqual(['new, new', before?.version]);
  });

  it('does nothing if the change is `undefined`', async () => {
    const { claim, written, armed } = await setUp();
    expect(await claim.write(() => undefined)).toBe(false);
    expect([claim.ours, written.length, armed()]).toEqual(['kept', 1, [[1_000, false]]]);
  });

  it('gives the lease back with the last change', async () => {
    const { claim, stored, written, armed, changes, one, owner } = await setUp();
    expect(await claim.write(() => 'new', { last: true })).toBe(true);
    expect([claim.ours, await stored(), written.length, armed()]).toEqual(['new', text('new', null), 2, []]);
    expect([changes, one.place.owners.alive.has(owner)]).toEqual([['held'], false]);
  });

  it('gives the lease back even if there is nothing to change', async () => {
    const { claim, stored } = await setUp();
    expect(await claim.write(() => undefined, { last: true })).toBe(false);
    expect(await stored()).toBe(text('kept', null));
  });

  it('removes an entry that says nothing any more', async () => {
    const { claim, stored } = await setUp();
    expect(await claim.write(() => 'nothing', { last: true })).toBe(true);
    expect(await stored()).toBeUndefined();
  });

  it('leaves a note with the lease that it gives back', async () => {
    const { claim, stored } = await setUp();
    await claim.write(same, { last: true, note: { id: 'id', failure: failure('unavailable', { status: 503 }, 'down') } });
    expect(await stored()).toBe(text('kept', null, ['id', '{"message":"down","code":"unavailable","status":503}']));
  });

  it('keeps what another process has changed meanwhile, which in turn keeps the lease', async () => {
    const { claim, other, stored, owner, changes } = await setUp();
    await other.place.entries.change(KEY, (there) => `${there}, adopted`);
    expect(await stored()).toBe(text('kept, adopted', owner));
    const seen: (readonly string[])[] = [];
    const change = (there: string, ours: string) => {
      seen.push([there, ours]);
      return `${there}, new`;
    };
    expect(await claim.write(change, { last: true })).toBe(true);
    expect(seen).toEqual([
      ['kept', 'kept'],
      ['kept, adopted', 'kept'],
    ]);
    expect([changes, await stored()]).toEqual([['held'], text('kept, adopted, new', null)]);
  });

  it('can leave what another process has changed meanwhile, and still gives the lease back', async () => {
    const { claim, other, stored } = await setUp();
    await other.place.entries.change(KEY, () => 'adopted');
    expect(await claim.write((there, ours) => (there === ours ? 'new' : undefined), { last: true })).toBe(false);
    expect(await stored()).toBe(text('adopted', null));
  });

  it('can tell what another process has changed even after a heartbeat', async () => {
    const { claim, other, stored, clock } = await setUp();
    await other.place.entries.change(KEY, () => 'adopted');
    await clock.settle(1_500);
    expect(await claim.write((there, ours) => (there === ours ? 'new' : undefined), { last: true })).toBe(false);
    expect(await stored()).toBe(text('adopted', null));
  });

  it('waits for the one before it', async () => {
    const { claim, one, stored, written } = await setUp();
    const answer = pending<undefined>();
    one.writesDo(async (write) => {
      await answer.result;
      return write();
    });
    const writes = [claim.write((there) => `${there}, 1`), claim.write((there) => `${there}, 2`, { last: true })];
    await Promise.resolve();
    expect(written).toHaveLength(1);
    answer.succeed(undefined);
    expect(await Promise.all(writes)).toEqual([true, true]);
    expect(await stored()).toBe(text('kept, 1, 2', null));
  });

  it('waits ten seconds for one whose answer never comes, as in a worker whose request has ended, and no longer', async () => {
    const { claim, one, clock, stored } = await setUp();
    one.writesDo(() => new Promise(() => {}));
    void claim.write(() => 'lost');
    const outcome = outcomeOf(claim.write(() => 'new', { last: true }));
    await clock.settle(9_999);
    expect(outcome()).toBe('none yet');
    one.writesDo((write) => write());
    await clock.settle(1);
    expect([outcome(), await stored()]).toEqual(['true', text('new', null)]);
  });

  it('does not wait for one that was lost ten seconds ago', async () => {
    const { claim, one, clock, stored, owner } = await setUp();
    one.writesDo(() => new Promise(() => {}));
    void claim.write(() => 'lost');
    await clock.settle(10_000);
    one.writesDo((write) => write());
    const outcome = outcomeOf(claim.write(() => 'new'));
    await clock.settle(0);
    expect([outcome(), await stored()]).toEqual(['true', text('new', owner)]);
  });

  it('does not fail because the one before it did', async () => {
    const { claim, one, stored } = await setUp();
    one.unplug();
    await expect(claim.write(() => '1')).rejects.toThrow('no store');
    one.plug();
    expect([await claim.write(() => '2', { last: true }), await stored()]).toEqual([true, text('2', null)]);
  });

  it('ends the claim if it was the last one, even if the store was down: the lease is over by itself', async () => {
    const { claim, one, stored, owner, armed, changes, written } = await setUp();
    one.unplug();
    await expect(claim.write(() => 'new', { last: true })).rejects.toThrow('no store');
    one.plug();
    expect([armed(), changes, one.place.owners.alive.has(owner)]).toEqual([[], ['held'], false]);
    expect([await stored(), written.length]).toEqual([text('kept', owner), 1]);
    // What is written later still gives it back.
    expect([await claim.write(() => 'new'), await stored()]).toEqual([true, text('new', null)]);
  });

  it('is known as done if a client repeats the command, because the entry shows its own text', async () => {
    const { claim, one, stored, owner, changes } = await setUp();
    one.writesDo(repeatedOnce());
    expect([await claim.write(() => 'new'), claim.ours, await stored()]).toEqual([true, 'new', text('new', owner)]);
    one.writesDo(repeatedOnce());
    expect([await claim.write(() => 'last', { last: true }), await stored()]).toEqual([true, text('last', null)]);
    expect(changes).toEqual(['held']);
  });

  it('is known as its own when it arrives late, after its answer was lost', async () => {
    const { claim, one, stored, owner, changes } = await setUp();
    let arrive = async (): Promise<unknown> => undefined;
    one.writesDo(async (write) => {
      arrive = write;
      throw down();
    });
    await expect(claim.write(() => 'new')).rejects.toThrow('no store');
    expect(claim.ours).toBe('kept');
    one.writesDo((write) => write());
    await arrive();
    expect(await stored()).toBe(text('new', owner));
    expect(await claim.write((there, ours) => (there === ours ? `${there}, last` : undefined), { last: true })).toBe(true);
    expect([changes, await stored()]).toEqual([['held'], text('new, last', null)]);
  });

  it('does not arrive any more once another one was written', async () => {
    const { claim, one, stored, owner } = await setUp();
    let arrive = async (): Promise<unknown> => undefined;
    one.writesDo(async (write) => {
      arrive = write;
      throw down();
    });
    await expect(claim.write(() => 'new')).rejects.toThrow('no store');
    one.writesDo((write) => write());
    await claim.write(() => 'newer');
    expect([await arrive(), await stored()]).toEqual([undefined, text('newer', owner)]);
  });

  it('of somebody else is not taken for its own that was not answered long ago', async () => {
    const { claim, one, other, stored } = await setUp();
    one.writesDo(() => Promise.reject(down()));
    await expect(claim.write(() => 'new')).rejects.toThrow('no store');
    one.writesDo((write) => write());
    await claim.write(() => 'newer');
    await other.place.entries.change(KEY, () => 'new');
    expect(await claim.write((there, ours) => (there === ours ? 'last' : undefined), { last: true })).toBe(false);
    expect(await stored()).toBe(text('new', null));
  });

  it('is known as its own when it arrives late, though a heartbeat was not answered since', async () => {
    const { claim, one, clock, changes } = await setUp();
    const late: (() => Promise<unknown>)[] = [];
    one.writesDo(async (write) => {
      late.push(write);
      throw down();
    });
    await expect(claim.write(() => 'new')).rejects.toThrow('no store');
    await clock.settle(1_000);
    expect(late).toHaveLength(2);
    one.writesDo((write) => write());
    await late[0]?.();
    expect(await claim.write((there, ours) => (there === ours ? `${there}, last` : undefined), { last: true })).toBe(true);
    expect(changes).toEqual(['held']);
  });

  it('ends the claim after fifty races that others have won', async () => {
    const { claim, one, memory, armed, owner } = await setUp();
    let tries = 0;
    one.writesDo(async (write) => {
      tries += 1;
      await memory.write(KEY, text(`${tries}`, owner));
      return write();
    });
    expect([await claim.write(() => 'new'), tries, armed()]).toEqual([false, 50, []]);
  });
});

describe('a write that insists', () => {
  it('tries for five seconds while the store is down', async () => {
    const { claim, one, clock, stored, owner, changes, written } = await setUp();
    one.unplug();
    const outcome = outcomeOf(claim.write(() => 'new', { insist: true }));
    await clock.settle(4_000);
    expect(outcome()).toBe('none yet');
    one.plug();
    await clock.settle(500);
    expect([outcome(), await stored(), changes]).toEqual(['true', text('new', owner), ['held']]);
    // No heartbeat has waited behind it.
    expect(written).toHaveLength(2);
  });

  it('rejects after that', async () => {
    const { claim, one, clock } = await setUp();
    one.unplug();
    const outcome = outcomeOf(claim.write(() => 'new', { insist: true }));
    await clock.settle(5_000);
    expect(outcome()).toBe('rejected: no store');
  });

  it('waits once for each claim: the one after a wait in vain is tried once', async () => {
    const { claim, one, clock } = await setUp();
    one.unplug();
    const first = outcomeOf(claim.write(() => 'new', { insist: true }));
    await clock.settle(5_000);
    expect(first()).toBe('rejected: no store');
    const second = outcomeOf(claim.write(() => 'last', { insist: true, last: true }));
    await clock.settle(0);
    expect(second()).toBe('rejected: no store');
  });

  it('waits again if the wait before it was not in vain', async () => {
    const { claim, one, clock, stored } = await setUp();
    for (const record of ['first', 'second']) {
      one.unplug();
      const outcome = outcomeOf(claim.write(() => record, { insist: true }));
      await clock.settle(4_000);
      one.plug();
      await clock.settle(500);
      expect([outcome(), await stored()]).toEqual(['true', expect.stringContaining(record)]);
    }
  });

  it('waits though a heartbeat has failed before', async () => {
    const { claim, one, clock, stored } = await setUp();
    one.unplug();
    await clock.settle(1_000);
    one.plug();
    await clock.settle(5_000);
    one.unplug();
    const outcome = outcomeOf(claim.write(() => 'new', { insist: true }));
    await clock.settle(100);
    one.plug();
    await clock.settle(500);
    expect([outcome(), await stored()]).toEqual(['true', expect.stringContaining('new')]);
  });

  it('does not wait for anything but the store', async () => {
    const { claim, one, clock } = await setUp();
    one.writesDo(() => Promise.reject(failure('misconfigured', {}, 'wrong key')));
    await expect(claim.write(() => 'new', { insist: true })).rejects.toThrow('wrong key');
    one.writesDo((write) => write());
    one.unplug();
    const outcome = outcomeOf(claim.write(() => 'new', { insist: true }));
    await clock.settle(100);
    one.plug();
    await clock.settle(500);
    expect(outcome()).toBe('true');
  });
});

describe('a heartbeat that is under way when the last write comes', () => {
  const slowBeats = async () => {
    const world = await setUp();
    const beat = pending();
    let writes = 0;
    world.one.writesDo(async (write) => {
      writes += 1;
      if (writes === 1) await beat.result;
      return write();
    });
    await world.clock.settle(1_000);
    const result = world.claim.write(() => 'new', { last: true });
    return { ...world, beat, outcome: outcomeOf(result), writes: () => writes };
  };

  it('is waited for, and its version written over', async () => {
    const { outcome, beat, clock, changes, stored, armed } = await slowBeats();
    await clock.settle(0);
    expect(outcome()).toBe('none yet');
    beat.succeed('kept');
    await clock.settle(0);
    expect([outcome(), changes, await stored(), armed()]).toEqual(['true', ['held'], text('new', null), []]);
  });

  it('may say that the lease is lost: then the last write leaves it to the new holder, and no other beat follows', async () => {
    const { outcome, beat, clock, changes, writes, memory, stored, armed } = await slowBeats();
    await memory.write(KEY, text('kept', 'thief'));
    beat.succeed('lost');
    await clock.settle(0);
    expect([outcome(), changes, writes(), armed()]).toEqual(['true', ['held', 'lost'], 2, []]);
    expect(await stored()).toBe(text('new', 'thief'));
  });

  it('may fail: then the last version is written over, and no other beat follows', async () => {
    const { outcome, beat, clock, changes, stored, armed } = await slowBeats();
    beat.fail(down());
    await clock.settle(0);
    expect([outcome(), changes, await stored(), armed()]).toEqual(['true', ['held'], text('new', null), []]);
  });
});
