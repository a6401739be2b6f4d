import { describe, expect, it } from 'vitest';
import { failure } from '../../../test/engine-context.ts';
import { pending } from '../../../test/pending.ts';
import { hashAtOnce, loaded, steppingClock } from '../../../test/stepping-clock.ts';
import type { AuthEvent, Store, Token, TokenContext } from '../../index.ts';
import { managed, memoryStore } from '../../index.ts';
import { storageKey } from '../storage-key.ts';
import { type KnownRefreshToken, Subject } from '../subject.ts';
import { holdUnsent, takenOver } from './stored-journal.ts';
import type { StoredSubject } from './stored-subject.ts';

hashAtOnce();

const lost = (): never => {
  throw new Error('The answer was lost.');
};

type Act = (write: () => Promise<string | undefined>, text: string) => Promise<string | undefined>;
type Ask = (context: TokenContext) => Promise<Token>;

/** A store that has one subject with the refresh token `g0`, whose token was refused, and processes that share it. */
const setUp = async ({ singleUse = true }: { readonly singleUse?: boolean } = {}) => {
  const clock = steppingClock(0);
  const memory = memoryStore({ clock });
  const subjectKey = await storageKey('token', 'acme', '');
  const sent: (string | null)[] = [];
  const tokenOf = (value: string): Token => ({ value, issuedAt: clock.now(), expiresAt: null });

  /** One process. `writesDo` says what its writes of the subject's entry do, `asks` what its source does. */
  const open = async () => {
    let act: Act = (write) => write();
    let isDown = false;
    const store: Store = {
      read: (key) => (isDown ? Promise.reject(new Error('connection refused')) : memory.read(key)),
      write: (key, value, options) => {
        if (isDown) return Promise.reject(new Error('connection refused'));
        const write = () => memory.write(key, value, options);
        return value === undefined || key !== subjectKey ? write() : act(write, value);
      },
    };
    let ask: Ask = async ({ refreshToken, saveRefreshToken }) => {
      await saveRefreshToken(`after ${refreshToken}`);
      return tokenOf(`token for ${refreshToken}`);
    };
    const source = {
      token: (context: TokenContext) => {
        sent.push(context.refreshToken);
        return ask(context);
      },
    };
    const events: AuthEvent[] = [];
    const tokens = managed(source, { store, key: 'acme', clock, singleUse, random: () => 1, observe: (event) => events.push(event) });
    await loaded();
    return {
      tokens,
      events: () => events.map(({ type }) => type),
      writesDo: (next: Act) => {
        act = next;
      },
      asks: (next: Ask) => {
        ask = next;
      },
      unplug: () => {
        isDown = true;
      },
      plug: () => {
        isDown = false;
      },
    };
  };

  const one = await open();
  const adopted = tokenOf('adopted');
  await one.tokens.adopt(adopted, 'g0');
  await one.tokens.invalidate(adopted);
  return {
    ...one,
    open,
    clock,
    sent,
    tokenOf,
    /** How a call ends within ten seconds: the token's value, or the error as text. */
    over: async (work: Promise<Token>): Promise<string> => {
      let outcome = 'none yet';
      work.then(
        ({ value }) => {
          outcome = value;
        },
        (error: unknown) => {
          outcome = String(error);
        },
      );
      await clock.settle(10_000);
      return outcome;
    },
    pass: (milliseconds: number) => clock.settle(milliseconds),
    /** Token, refresh token, the mark if there is one, and the lease. Nothing where there is no entry. */
    stored: async (): Promise<readonly unknown[]> => {
      const found = await memory.read(subjectKey);
      if (found === undefined) return [];
      const [, [token, refreshToken, mark = null], lease] = JSON.parse(found.value);
      return [token?.[0] ?? null, refreshToken, ...(mark === null ? [] : [mark]), lease];
    },
    memory,
    subjectKey,
  };
};

/** Calls that end with what a lost answer looks like. */
const UNKNOWN = expect.stringContaining('The refresh token was sent and the answer was lost');

describe('a single-use refresh token', () => {
  it('is marked as sent with the write that takes the lease, before it is sent', async () => {
    const { tokens, asks, stored, over, tokenOf } = await setUp();
    let there: readonly unknown[] = [];
    asks(async () => {
      there = await stored();
      return tokenOf('new');
    });
    expect(await over(tokens.token())).toBe('new');
    const [token, refreshToken, mark, lease] = there;
    expect([token, refreshToken, mark]).toEqual([null, 'g0', lease]);
    expect(lease).toEqual(expect.any(String));
  });

  it('costs three writes: to take the lease, to keep the next one, to store the token and give the lease back', async () => {
    const { tokens, writesDo, stored, over } = await setUp();
    const texts: string[] = [];
    writesDo((write, text) => {
      texts.push(text);
      return write();
    });
    expect(await over(tokens.token())).toBe('token for g0');
    expect([texts.length, await stored()]).toEqual([3, ['token for g0', 'after g0', null]]);
  });

  it('is not sent by a process that stood still before it could take the lease, while another one used it', async () => {
    const { open, sent, over } = await setUp();
    const [one, other] = [await open(), await open()];
    let isStalled = false;
    one.writesDo(async (write) => {
      if (!isStalled) {
        isStalled = true;
        await other.tokens.token();
      }
      return write();
    });
    expect(await over(one.tokens.token())).toBe('token for g0');
    expect([isStalled, sent]).toEqual([true, ['g0']]);
  });

  it('is sent although the answer to the write that takes the lease was lost', async () => {
    const { tokens, sent, writesDo, over } = await setUp();
    let losses = 0;
    writesDo(async (write) => {
      const version = await write();
      if (losses > 0) return version;
      losses += 1;
      return lost();
    });
    expect(await over(tokens.token())).toBe('token for g0');
    expect([losses, sent]).toEqual([1, ['g0']]);
  });

  it('is sent later by the process that could not tell whether it had the lease, because it knows that nothing was sent', async () => {
    const { tokens, sent, writesDo, over, pass, stored } = await setUp();
    let isMarked = false;
    writesDo(async (write) => {
      if (!isMarked) await write();
      isMarked = true;
      return lost();
    });
    expect(await over(tokens.token())).toContain('failed with Error');
    expect([await stored(), sent]).toEqual([[null, 'g0', expect.any(String), expect.any(String)], []]);
    writesDo((write) => write());
    await pass(5_000);
    expect(await over(tokens.token())).toBe('token for g0');
    expect(sent).toEqual(['g0']);
  });

  it('is sent later by that process also if the write that takes the lease arrives late, and if that happens again', async () => {
    const { tokens, sent, writesDo, over, pass } = await setUp();
    const late: (() => Promise<unknown>)[] = [];
    writesDo(async (write) => {
      late.push(write);
      return lost();
    });
    for (let round = 0; round < 2; round += 1) {
      expect(await over(tokens.token())).toContain('failed with Error');
      await pass(5_000);
    }
    await late[0]?.();
    writesDo((write) => write());
    expect(await over(tokens.token())).toBe('token for g0');
    expect(sent).toEqual(['g0']);
  });

  it('is not sent by another process that finds that mark, because only one knows that nothing was sent', async () => {
    const { tokens, open, sent, writesDo, over, pass } = await setUp();
    writesDo(async (write) => {
      await write();
      return lost();
    });
    expect(await over(tokens.token())).toContain('failed with Error');
    writesDo((write) => write());
    await pass(5_000);
    const other = await open();
    expect(await over(other.tokens.token())).toEqual(UNKNOWN);
    expect(await over(tokens.token())).toBe('token for g0');
    expect(sent).toEqual(['g0']);
  });

  it('may be spent once its holder died: others wait three seconds once, and then nobody sends it until another one is adopted', async () => {
    const { tokens, open, asks, unplug, sent, over, pass, stored, tokenOf } = await setUp();
    asks(() => pending<Token>().result);
    void tokens.token().catch(() => {});
    await pass(0);
    unplug();
    const other = await open();
    expect(await over(other.tokens.token())).toEqual(UNKNOWN);
    expect(await stored()).toEqual([null, 'g0', expect.any(String), null]);
    const third = await open();
    const outcome = third.tokens.token().catch(String);
    await pass(0);
    expect(await outcome).toEqual(UNKNOWN);
    const adopted = tokenOf('adopted again');
    await third.tokens.adopt(adopted, 'g1');
    await third.tokens.invalidate(adopted);
    await pass(5_000);
    expect(await over(other.tokens.token())).toBe('token for g1');
    expect(sent).toEqual(['g0', 'g1']);
  });

  it.each(['outcome_unknown', 'timeout', 'invalid_response', 'store_unavailable'] as const)(
    'may be spent after `%s`: the mark stays, the lease is given back',
    async (code) => {
      const { tokens, asks, sent, over, pass, stored } = await setUp();
      asks(() => Promise.reject(failure(code)));
      expect(await over(tokens.token())).toContain(code);
      expect(await stored()).toEqual([null, 'g0', expect.any(String), null]);
      await pass(5_000);
      expect(await over(tokens.token())).toEqual(UNKNOWN);
      expect(sent).toEqual(['g0']);
    },
  );

  it('is not spent after a failure that says so: one write takes the mark away, gives the lease back and leaves a note', async () => {
    const { tokens, asks, open, writesDo, sent, over, pass, stored } = await setUp();
    const texts: string[] = [];
    writesDo((write, text) => {
      texts.push(text);
      return write();
    });
    asks(() => Promise.reject(failure('unavailable')));
    expect(await over(tokens.token())).toContain('unavailable');
    expect([texts.length, texts[1], await stored()]).toEqual([
      2,
      expect.stringContaining('The vendor says unavailable.'),
      [null, 'g0', null],
    ]);
    await pass(5_000);
    const other = await open();
    expect(await over(other.tokens.token())).toBe('token for g0');
    expect(sent).toEqual(['g0', 'g0']);
  });

  it('is known as unspent to the process that could not take the mark away, and to no other', async () => {
    const { tokens, asks, open, plug, unplug, sent, over, pass, events, tokenOf } = await setUp();
    asks(async () => {
      unplug();
      throw failure('unavailable');
    });
    expect(await over(tokens.token())).toContain('unavailable');
    expect(events()).toContain('served_without_store');
    plug();
    await pass(5_000);
    const other = await open();
    expect(await over(other.tokens.token())).toEqual(UNKNOWN);
    asks(async () => tokenOf('new'));
    expect(await over(tokens.token())).toBe('new');
    expect(sent).toEqual(['g0', 'g0']);
  });

  it('is known as still good to the process that could not store the token which came without a new one', async () => {
    const { tokens, asks, plug, unplug, sent, over, stored, tokenOf } = await setUp();
    asks(async () => {
      unplug();
      return tokenOf('first');
    });
    expect(await over(tokens.token())).toBe('first');
    plug();
    await tokens.invalidate(tokenOf('first'));
    asks(async () => tokenOf('second'));
    expect(await over(tokens.token())).toBe('second');
    expect([sent, await stored()]).toEqual([
      ['g0', 'g0'],
      ['second', 'g0', null],
    ]);
  });

  it('is kept once, whether the answer to that was lost or not', async () => {
    const { tokens, sent, writesDo, over, tokenOf } = await setUp();
    let losses = 0;
    writesDo(async (write, text) => {
      const version = await write();
      if (!text.includes('after g0') || losses > 0) return version;
      losses += 1;
      return lost();
    });
    expect(await over(tokens.token())).toBe('token for g0');
    writesDo((write) => write());
    await tokens.invalidate(tokenOf('token for g0'));
    expect(await over(tokens.token())).toBe('token for after g0');
    expect([losses, sent]).toEqual([1, ['g0', 'after g0']]);
  });

  it('that could not be kept is written by the next renewal of this process', async () => {
    const { tokens, asks, sent, plug, unplug, over, pass, stored, tokenOf } = await setUp();
    asks(async ({ saveRefreshToken }) => {
      unplug();
      await saveRefreshToken('after g0');
      return tokenOf('never');
    });
    expect(await over(tokens.token())).toContain('failed with Error');
    plug();
    await pass(5_000);
    asks(async () => tokenOf('new'));
    expect(await over(tokens.token())).toBe('new');
    expect([sent, await stored()]).toEqual([
      ['g0', 'after g0'],
      ['new', 'after g0', null],
    ]);
  });

  it('that could not be kept is sent once, also if its write arrives late', async () => {
    const { tokens, sent, writesDo, over, pass, stored } = await setUp();
    const late: (() => Promise<unknown>)[] = [];
    writesDo(async (write, text) => {
      if (!text.includes('after')) return write();
      late.push(write);
      return lost();
    });
    expect(await over(tokens.token())).toContain('failed with Error');
    writesDo((write) => write());
    for (const arrive of late) await arrive();
    await pass(5_000);
    expect(await over(tokens.token())).toBe('token for after g0');
    expect([sent, await stored()]).toEqual([
      ['g0', 'after g0'],
      ['token for after g0', 'after after g0', null],
    ]);
  });

  it('gives way to one that was adopted after it could not be kept', async () => {
    const { tokens, sent, writesDo, over, pass, tokenOf } = await setUp();
    writesDo((write, text) => (text.includes('after') ? lost() : write()));
    expect(await over(tokens.token())).toContain('failed with Error');
    writesDo((write) => write());
    await pass(5_000);
    const adopted = tokenOf('adopted again');
    await tokens.adopt(adopted, 'g1');
    await tokens.invalidate(adopted);
    expect(await over(tokens.token())).toBe('token for g1');
    expect(sent).toEqual(['g0', 'g1']);
  });

  it('that was adopted by another process counts more than one that could not be kept', async () => {
    const { tokens, open, sent, writesDo, over, pass, tokenOf } = await setUp();
    writesDo((write, text) => (text.includes('after') ? lost() : write()));
    expect(await over(tokens.token())).toContain('failed with Error');
    writesDo((write) => write());
    const other = await open();
    const adopted = tokenOf('adopted again');
    await other.tokens.adopt(adopted, 'g1');
    await other.tokens.invalidate(adopted);
    await pass(5_000);
    expect(await over(tokens.token())).toBe('token for g1');
    expect(sent).toEqual(['g0', 'g1']);
  });

  it('waits for a store that is down at the end five seconds once, and not once for each write', async () => {
    const { tokens, asks, unplug, pass, tokenOf } = await setUp();
    asks(async ({ saveRefreshToken }) => {
      unplug();
      await saveRefreshToken('after g0');
      return tokenOf('never');
    });
    let outcome = 'none yet';
    tokens.token().catch((error: unknown) => {
      outcome = String(error);
    });
    await pass(5_000);
    expect(outcome).toContain('failed with Error');
  });
});

describe('a single-use refresh token that was adopted while the store was down', () => {
  it('counts over the one in the store, though that one may be spent: it was never sent itself', async () => {
    const { tokens, open, unplug, plug, sent, over, pass, stored, tokenOf } = await setUp();
    unplug();
    const adopted = tokenOf('adopted alone');
    await expect(tokens.adopt(adopted, 'g1')).rejects.toMatchObject({ code: 'store_unavailable' });
    await tokens.invalidate(adopted);
    plug();
    const other = await open();
    other.asks(() => Promise.reject(failure('timeout')));
    expect(await over(other.tokens.token())).toContain('timeout');
    await pass(5_000);
    expect(await over(tokens.token())).toBe('token for g1');
    expect([sent, await stored()]).toEqual([
      ['g0', 'g1'],
      ['token for g1', 'after g1', null],
    ]);
  });
});

describe.each([true, false])('a renewal that another process interferes with (single use: %s)', (singleUse) => {
  /** A renewal whose source has been asked, and answers when told. */
  const asked = async () => {
    const world = await setUp({ singleUse });
    const answer = pending<Token>();
    world.asks(() => answer.result);
    const call = world.tokens.token();
    await world.pass(0);
    return { ...world, call, answer, other: await world.open() };
  };

  it('stores its token though a caller has refused the old one meanwhile', async () => {
    const { call, answer, other, memory, subjectKey, over, stored, tokenOf } = await asked();
    // The old one was near its end, and is still in the store.
    const [, [, ...rest], lease] = JSON.parse((await memory.read(subjectKey))?.value ?? '');
    await memory.write(subjectKey, JSON.stringify([2, [['old', 0, null], ...rest], lease]));
    await other.tokens.invalidate(tokenOf('old'));
    answer.succeed(tokenOf('ours'));
    expect(await over(call)).toBe('ours');
    expect(await stored()).toEqual(['ours', 'g0', null]);
  });

  it('leaves what was adopted meanwhile, which all get', async () => {
    const { call, answer, other, over, stored, tokenOf } = await asked();
    await other.tokens.adopt(tokenOf('theirs'), 'g9');
    answer.succeed(tokenOf('ours'));
    expect(await over(call)).toBe('theirs');
    expect(await stored()).toEqual(['theirs', 'g9', null]);
  });

  it('leaves what was adopted meanwhile when it fails', async () => {
    const { call, answer, other, over, pass, stored, tokenOf } = await asked();
    await other.tokens.adopt(tokenOf('theirs'), 'g9');
    await pass(3_000);
    answer.fail(failure('unavailable'));
    expect(await over(call)).toContain('unavailable');
    expect(await stored()).toEqual(['theirs', 'g9', null]);
  });

  it('stores nothing once the subject was forgotten, and answers all the same', async () => {
    const { call, answer, other, over, stored, tokenOf } = await asked();
    await other.tokens.forget();
    answer.succeed(tokenOf('ours'));
    expect(await over(call)).toBe('ours');
    expect(await stored()).toEqual([]);
  });

  it('stores nothing once the subject was forgotten before it had a refresh token, also if that was some heartbeats ago', async () => {
    const { tokens, asks, open, pass, over, stored, tokenOf } = await setUp({ singleUse });
    await tokens.forget();
    const answer = pending<Token>();
    asks(() => answer.result);
    const call = tokens.token();
    await pass(0);
    await (await open()).tokens.forget();
    await pass(3_000);
    answer.succeed(tokenOf('ours'));
    expect(await over(call)).toBe('ours');
    expect(await stored()).toEqual([]);
  });

  it('stores nothing once it has lost its lease, and takes over what is there', async () => {
    const { call, answer, memory, subjectKey, over, events, tokenOf } = await asked();
    await memory.write(subjectKey, '[2,[["theirs",0,null],"g9"],"thief"]');
    answer.succeed(tokenOf('ours'));
    expect(await over(call)).toBe('theirs');
    expect(events()).toContain('lease_lost');
    expect((await memory.read(subjectKey))?.value).toBe('[2,[["theirs",0,null],"g9"],"thief"]');
  });
});

describe('a single-use refresh token of which nothing has been sent', () => {
  it('is free for the others if its process is disposed of before it could ask', async () => {
    const { tokens, open, sent, over, pass } = await setUp();
    const call = tokens.token().catch(String);
    // While it reads what is there.
    const disposal = tokens[Symbol.asyncDispose]();
    await pass(100);
    await Promise.all([call, disposal]);
    const other = await open();
    expect(await over(other.tokens.token())).toBe('token for g0');
    expect(sent).toEqual(['g0']);
  });

  it('leaves no mark if its subject is forgotten while it waits for the lease', async () => {
    const { tokens, open, asks, over, pass, stored, tokenOf } = await setUp();
    expect(await over(tokens.token())).toBe('token for g0');
    await tokens.invalidate(tokenOf('token for g0'));
    const other = await open();
    other.asks(() => pending<Token>().result);
    void other.tokens.token().catch(() => {});
    await pass(0);
    asks(async () => tokenOf('new'));
    const waiting = tokens.token().catch(String);
    await pass(0);
    await tokens.forget();
    await pass(5_000);
    await waiting;
    expect(await stored()).toEqual([]);
    const third = await open();
    expect(await over(third.tokens.token())).toBe('token for null');
  });
});

describe('a refresh token that can be used more than once', () => {
  it('is not marked', async () => {
    const { tokens, asks, stored, over, tokenOf } = await setUp({ singleUse: false });
    let there: readonly unknown[] = [];
    asks(async () => {
      there = await stored();
      return tokenOf('new');
    });
    expect(await over(tokens.token())).toBe('new');
    expect(there).toEqual([null, 'g0', expect.any(String)]);
  });

  it('is written with the token if it could not be kept before', async () => {
    const { tokens, asks, unplug, plug, stored, over, tokenOf } = await setUp({ singleUse: false });
    asks(async ({ saveRefreshToken }) => {
      unplug();
      await saveRefreshToken('after g0');
      plug();
      return tokenOf('new');
    });
    expect(await over(tokens.token())).toBe('new');
    expect(await stored()).toEqual(['new', 'after g0', null]);
  });

  it('is held by this process while the store is down, and written later', async () => {
    const { tokens, asks, unplug, plug, stored, sent, over, events, tokenOf } = await setUp({ singleUse: false });
    asks(async ({ saveRefreshToken }) => {
      unplug();
      await saveRefreshToken('after g0');
      return tokenOf('new');
    });
    expect(await over(tokens.token())).toBe('new');
    expect(events()).toContain('served_without_store');
    plug();
    await tokens.invalidate(tokenOf('new'));
    asks(async () => tokenOf('newer'));
    expect(await over(tokens.token())).toBe('newer');
    expect([sent, await stored()]).toEqual([
      ['g0', 'after g0'],
      ['newer', 'after g0', null],
    ]);
  });
});

describe('what is written with the lease', () => {
  const [first, second] = [
    { id: 'first', at: 1 },
    { id: 'second', at: 2 },
  ];
  const there: StoredSubject = { token: null, refreshToken: 'g0', sent: null, vain: 0, adoption: null };
  const marked: StoredSubject = { ...there, sent: 'mark' };
  const knowing = (refreshToken: KnownRefreshToken | undefined): Subject => {
    const subject = new Subject();
    if (refreshToken) subject.activityOrNew().refreshToken = refreshToken;
    return subject;
  };
  const unsaved = (value: string | null, ...newerThan: readonly (string | null)[]): KnownRefreshToken => ({
    value,
    isSaved: false,
    newerThan,
    replaces: ['g0'],
    adoption: null,
  });
  const adopted: KnownRefreshToken = { ...unsaved('g1', null), adoption: second };

  it.each<readonly [string, StoredSubject, KnownRefreshToken | undefined, string | null, StoredSubject]>([
    ['nothing new', there, undefined, null, there],
    ['the mark of a single-use refresh token', there, undefined, 'owner', { ...there, sent: 'owner' }],
    ['a refresh token that counts over no mark', there, unsaved('g1', null), 'owner', { ...there, refreshToken: 'g1', sent: 'owner' }],
    [
      'such a refresh token without a mark, if it can be used more than once',
      there,
      unsaved('g1', null),
      null,
      { ...there, refreshToken: 'g1' },
    ],
    ['one of which nobody knows what it replaces', there, { ...unsaved('g1', null), replaces: [] }, null, { ...there, refreshToken: 'g1' }],
    ['none that replaces another one than what is there', there, { ...unsaved('g1', null), replaces: ['other'] }, null, there],
    ['that there is none any more', there, unsaved(null, null), 'owner', { ...there, refreshToken: null, sent: 'owner' }],
    ['no refresh token that the store has', there, { ...unsaved('g1', null), isSaved: true }, 'owner', { ...there, sent: 'owner' }],
    ['no refresh token that counts over a mark that is gone', there, unsaved('g1', 'mark'), 'owner', { ...there, sent: 'owner' }],
    ['an adoption', there, adopted, null, { ...there, refreshToken: 'g1', adoption: second }],
    [
      'an adoption over an earlier one, whatever was made of that',
      { ...there, refreshToken: 'after g0', adoption: first },
      adopted,
      null,
      { ...there, refreshToken: 'g1', adoption: second },
    ],
    [
      'no adoption that is there, with what was made of it',
      { ...there, refreshToken: 'after g1', adoption: second },
      adopted,
      null,
      { ...there, refreshToken: 'after g1', adoption: second },
    ],
    [
      'no adoption before the one that is there',
      { ...there, refreshToken: 'g2', adoption: second },
      { ...adopted, adoption: first },
      null,
      { ...there, refreshToken: 'g2', adoption: second },
    ],
  ])('is %s', (_, found, known, owner, expected) => {
    expect(takenOver(found, knowing(known), owner)).toEqual(expected);
  });

  it.each<readonly [string, KnownRefreshToken | undefined, StoredSubject]>([
    ['leaves a mark of which this process knows nothing', undefined, marked],
    ['leaves a mark beside which this process knows of no newer refresh token', unsaved('g1', null, 'other'), marked],
    ['leaves a mark under which this process knows a newer refresh token', unsaved('g1', null, 'mark'), { ...marked, refreshToken: 'g1' }],
    ['has a new mark for an adoption', adopted, { ...marked, refreshToken: 'g1', adoption: second, sent: 'owner' }],
  ])('%s', (_, known, expected) => {
    expect(takenOver(marked, knowing(known), 'owner')).toEqual(expected);
  });

  it('is remembered as unsent if taking the lease was not answered, beside each mark that may be in the store', () => {
    const subject = knowing(undefined);
    holdUnsent(subject, { ...there, sent: 'first' });
    expect(subject.activity?.refreshToken).toEqual(unsaved('g0', 'first'));
    holdUnsent(subject, { ...there, sent: 'second' });
    expect(subject.activity?.refreshToken).toEqual(unsaved('g0', 'first', 'second'));
    holdUnsent(subject, { ...there, refreshToken: 'g1', sent: 'third' });
    expect(subject.activity?.refreshToken).toEqual({ ...unsaved('g1', 'third'), replaces: ['g1'] });
  });

  it('is remembered with the adoption that the store did not take, and with what that replaces', () => {
    const subject = knowing(adopted);
    holdUnsent(subject, { ...there, refreshToken: 'g1', sent: 'first' });
    expect(subject.activity?.refreshToken).toEqual({ ...adopted, newerThan: [null, 'first'], replaces: ['g0', 'g1'] });
  });

  it('is remembered without the marks of a refresh token that the store has', () => {
    const subject = knowing({ ...unsaved('g0', null), isSaved: true });
    holdUnsent(subject, { ...there, sent: 'first' });
    expect(subject.activity?.refreshToken).toEqual(unsaved('g0', 'first'));
  });
});
