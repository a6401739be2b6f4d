import type { Fetch, SecretVault, Token } from '@auth/core';
import { memoryStore } from '@auth/core';
import type { FaultReply } from '@auth/sandbox';
import { beforeEach, describe, expect, it } from 'vitest';
import { passing } from '../test/clocks.ts';
import { type Content, type MemoryVault, memoryVault } from '../test/vaults.ts';
import { codeOf, DAY, errorOf, MINUTE, NEXT, openVendor, type Vendor, WRONG } from '../test/vendor.ts';
import { type FinicityOptions, type FinicityProvider, finicity } from './index.ts';

const POLICY = /^(?=.*[A-Za-z])(?=.*[0-9])[A-Za-z0-9!@#$%&*_+-]{12,255}$/;
const ANOTHER = 'secretOfAnother1';

let vendor: Vendor;
let provider: FinicityProvider;
let old: string;
let vault: MemoryVault;
const another = (options: Partial<FinicityOptions> = {}): FinicityProvider =>
  vendor.provider({ partnerSecret: () => vault.content.current, ...options });
beforeEach(() => {
  vendor = openVendor();
  old = vendor.sandbox.credentials.partnerSecret;
  vault = memoryVault(old);
  provider = another();
});

const status = (code: number, body?: string) => ({ kind: 'status', status: code, body }) as const;
const failChange = (reply: FaultReply): void => vendor.sandbox.faults.add({ method: 'PUT', reply });
/** What was written to the vault, and how many requests were sent. */
const done = (): readonly [readonly Content[], number] => [vault.writes, vendor.sandbox.calls.length];
const NOTHING = [[], 0];
const methods = (): readonly string[] => vendor.sandbox.calls.map(({ method }) => method);
const attemptsLeft = async ({ application }: FinicityProvider): Promise<unknown> => (await application.status()).attemptsLeft;
/** Which of these secrets the vendor accepts now. */
const working = async (...secrets: readonly string[]): Promise<readonly string[]> => {
  const { sandbox } = vendor;
  const accepted: string[] = [];
  for (const partnerSecret of secrets) {
    const { api } = finicity({ ...sandbox.credentials, fetch: sandbox.fetch });
    if ((await codeOf(api.createToken({ ...sandbox.credentials, partnerSecret }))) === 'resolved') accepted.push(partnerSecret);
  }
  return accepted;
};

/** Advances the clock once the work in progress waits. */
const later = (milliseconds: number): void => {
  const { advance } = vendor.clock;
  setImmediate(() => advance(milliseconds));
};
/** The vault, whose reads show a write only after this many looks. Time passes between the looks. */
const behind = (looks: number): SecretVault => {
  let shown = vault.content;
  let left = 0;
  return {
    read: async () => {
      if (left === 0) shown = vault.content;
      else later(4_000);
      left = Math.max(0, left - 1);
      return shown;
    },
    write: async (content) => {
      await vault.write(content);
      left = looks;
    },
  };
};
/** The answer of a vault that hangs, while time passes. */
const endless = (): Promise<never> => {
  later(30_000);
  return new Promise(() => {});
};

describe('rotate', () => {
  it.each([
    ['at once when asked', false],
    ['in 30 days when asked', true],
    ['in 30 days by default', undefined],
  ])('writes the next secret as pending, ends the old one %s, then promotes the next one', async (_, keepOldFor30Days) => {
    const journal: unknown[] = [];
    vault.before = (content) => void journal.push(content, vendor.sent.length);
    await provider.secret.rotate({ vault, next: NEXT, keepOldFor30Days });
    expect(journal).toEqual([{ current: old, pending: NEXT }, 0, { current: NEXT, pending: null }, 1]);
    const { partnerId } = vendor.sandbox.credentials;
    const body = { partnerId, partnerSecret: old, newPartnerSecret: NEXT, immediate: keepOldFor30Days === false };
    expect(vendor.sent).toMatchObject([{ method: 'PUT', body }]);
    // The next one takes the current secret from the vault, not from the options.
    await another({ partnerSecret: WRONG }).secret.rotate({ vault, next: ANOTHER });
    expect(vendor.sent[1]).toMatchObject({ body: { partnerSecret: NEXT, newPartnerSecret: ANOTHER } });
  });

  it('leaves tokens alone, generates a secret if none is given, and the running provider picks it up', async () => {
    const token = await provider.application.token();
    await provider.secret.rotate({ vault, keepOldFor30Days: false });
    expect(vault.content.current).toMatch(POLICY);
    expect(await provider.application.token()).toBe(token);
    await provider.application.invalidate(token);
    expect((await provider.application.token()).value).not.toBe(token.value);
    expect(vendor.sandbox.failedAttempts).toBe(0);
  });

  it.each([
    ['short1', ['must have 12 to 255 characters']],
    ['a1'.repeat(128), ['must have 12 to 255 characters']],
    ['brand new secret 1', ['may contain only letters, digits and !@#$%&*_-+']],
    ['bränd1NewSecret', ['may contain only letters']],
    ['brandNewSecret1\n', ['may contain only letters']],
    ['123456789012', ['needs a letter']],
    ['brandNewSecret', ['needs a digit']],
    ['', ['must have 12 to 255 characters', 'needs a letter', 'needs a digit']],
    ['?', ['must have 12 to 255 characters', 'may contain only letters', 'needs a letter', 'needs a digit']],
    ['the current one', ['must differ from the current one']],
  ])('refuses %.20j before anything is written or sent, and names each broken rule and no other', async (given, rules) => {
    const next = given === 'the current one' ? old : given;
    const error = await errorOf(provider.secret.rotate({ vault, next }));
    expect(error).toMatchObject({ code: 'invalid_request', provider: 'finicity', operation: 'secret.rotate' });
    for (const rule of rules) expect(error.message).toContain(rule);
    expect(error.message.split(', ')).toHaveLength(rules.length + (error.message.includes('digits and') ? 2 : 1));
    if (next.length > 1) expect(error.message).not.toContain(next);
    expect(done()).toEqual(NOTHING);
  });

  it.each(['brandNewSec1', `a${'a1'.repeat(127)}`, 'A1!@#$%&*_-+'])('accepts %.20j, as the vendor does', async (next) => {
    await provider.secret.rotate({ vault, next });
    expect(vault.content).toEqual({ current: next, pending: null });
  });

  it('refuses while a secret is pending, and sends nothing', async () => {
    vault.content = { current: old, pending: NEXT };
    const error = await errorOf(provider.secret.rotate({ vault }));
    expect(error).toMatchObject({ code: 'conflict', message: expect.stringContaining('secret.recover') });
    expect(done()).toEqual(NOTHING);
  });

  it('sends nothing when the pending secret cannot be written', async () => {
    vault.failAt = 1;
    const error = await errorOf(provider.secret.rotate({ vault, next: NEXT }));
    expect(error).toMatchObject({ code: 'unavailable', operation: 'secret.rotate', message: expect.stringContaining('TypeError') });
    expect(error.message).toContain('Nothing was sent');
    expect(JSON.stringify([error, error.message, error.stack])).not.toContain(NEXT);
    expect(done()).toEqual(NOTHING);
  });

  it('stops before it is sent when its signal has aborted, and leaves nothing pending', async () => {
    const stop = new AbortController();
    vault.before = () => stop.abort();
    expect(await codeOf(provider.secret.rotate({ vault, next: NEXT, signal: stop.signal }))).toBe('aborted');
    expect([vault.content, vendor.sandbox.calls]).toEqual([{ current: old, pending: null }, []]);
  });

  it.each([
    ['the policy', status(400, '{"code":24437}'), 'invalid_request'],
    ['wrong credentials', status(401, '{"code":10001}'), 'invalid_credentials'],
    ['the lock as 500', status(500, '{"code":24302}'), 'locked'],
    ['the lock as 401', status(401, '{"code":24302}'), 'locked'],
    ['the region', status(403), 'region_blocked'],
    ['a limit', status(429), 'rate_limited'],
    ['a redirect', status(302), 'invalid_response'],
  ] as const)('leaves nothing pending when the vendor refuses for %s', async (_, reply, code) => {
    failChange(reply);
    expect(await codeOf(provider.secret.rotate({ vault, next: NEXT }))).toBe(code);
    expect(vault.content).toEqual({ current: old, pending: null });
  });

  it.each([
    ['the answer is lost', { kind: 'lost' }],
    ['the connection is cut', { kind: 'unreachable' }],
    ['a gateway gives up (502)', status(502)],
    ['the vendor fails (500)', status(500)],
    ['the vendor fails (503)', status(503, '<html>')],
    ['the vendor times out (408)', status(408, '{"code":10030}')],
    ['a gateway says yes without a word (200)', status(200)],
    ["somebody else's page is the answer (200)", status(200, '<html>')],
  ] as const)('leaves the secret pending when %s, as it may be the one that works', async (_, reply) => {
    failChange(reply);
    const error = await errorOf(provider.secret.rotate({ vault, next: NEXT }));
    const message = expect.stringContaining('secret.recover');
    expect(error).toMatchObject({ code: 'outcome_unknown', retryable: false, operation: 'secret.rotate', message });
    expect(error.status).toBe('status' in reply ? reply.status : undefined);
    expect(vault.content).toEqual({ current: old, pending: NEXT });
    expect(vendor.sandbox.calls).toHaveLength(1);
  });

  it('rejects with the reason of the vendor though the pending secret cannot be removed then', async () => {
    failChange(status(429));
    vault.failAt = 2;
    expect(await codeOf(provider.secret.rotate({ vault, next: NEXT }))).toBe('rate_limited');
    expect(vault.content).toEqual({ current: old, pending: NEXT });
  });
});

describe('two rotations at once', () => {
  const conflict = { code: 'conflict', provider: 'finicity', operation: 'secret.rotate' };

  it.each([0, 3])('are one and a conflict in one process, though its vault shows %i looks later what was written', async (looks) => {
    const slow = behind(looks);
    const outcomes = await Promise.allSettled([provider.secret.rotate({ vault: slow }), provider.secret.rotate({ vault: slow })]);
    expect(outcomes).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: conflict }]);
    expect(vendor.sandbox.calls).toHaveLength(1);
    expect(await working(vault.content.current)).toHaveLength(1);
    await provider.secret.rotate({ vault });
  });

  it('are one when both found nothing pending: whose secret is no longer in the vault sends nothing', async () => {
    const second = another();
    // Both have looked, and both write, before either looks again.
    const waiting: (() => void)[] = [];
    vault.before = ({ pending }) => {
      if (pending === null) return;
      const met = new Promise<void>((resolve) => waiting.push(resolve));
      if (waiting.length === 2) for (const go of waiting) go();
      return met;
    };
    const both = await Promise.allSettled([provider.secret.rotate({ vault }), second.secret.rotate({ vault })]);
    expect(both.map(({ status: each }) => each).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find((each) => each.status === 'rejected')).toMatchObject({ reason: conflict });
    expect(vendor.sandbox.calls).toHaveLength(1);
    expect([vault.content.pending, await working(vault.content.current)]).toEqual([null, [vault.content.current]]);
  });

  it.each([
    ['has begun', (): Content => ({ current: old, pending: ANOTHER })],
    ['has ended', (): Content => ({ current: ANOTHER, pending: null })],
  ])('leave the vault to the one that %s since this one looked', async (_, contentOf) => {
    const reads = [vault.content];
    const changing: SecretVault = { ...vault, read: async () => reads.shift() ?? contentOf() };
    expect(await errorOf(provider.secret.rotate({ vault: changing, next: NEXT }))).toMatchObject(conflict);
    expect(done()).toEqual(NOTHING);
  });
});

describe('a vault', () => {
  const broken: readonly (readonly [string, () => Promise<unknown>, string, string])[] = [
    ['fails', () => Promise.reject(new RangeError(`vault: ${WRONG}`)), 'unavailable', 'RangeError'],
    ['fails without an error', () => Promise.reject(WRONG), 'unavailable', 'string'],
    ['throws', () => expect.unreachable(), 'unavailable', 'AssertionError'],
    ['is empty', async () => null, 'misconfigured', 'no current secret'],
    ['has no current secret', async () => ({ pending: null }), 'misconfigured', 'no current secret'],
    ['has an empty one', async () => ({ current: '', pending: null }), 'misconfigured', 'no current secret'],
    ['has one with a line break', async () => ({ current: `${WRONG}\n`, pending: null }), 'misconfigured', 'line break'],
    ['does not answer', endless, 'unavailable', 'no answer within 30 s'],
  ];
  it.each(broken)('that %s when it is read is told nothing, and nothing is sent', async (_, read, code, reason) => {
    for (const operation of ['rotate', 'recover'] as const) {
      const error = await errorOf(provider.secret[operation]({ vault: { ...vault, read } as SecretVault })); // wrong on purpose
      expect(error).toMatchObject({ code, operation: `secret.${operation}`, message: expect.stringContaining('Nothing was sent') });
      expect([error.message.includes(reason), error.message.includes(WRONG)]).toEqual([true, false]);
      expect(done()).toEqual(NOTHING);
    }
    await provider.secret.rotate({ vault });
  });

  it.each(['rotate', 'recover'] as const)('that does not answer a read leaves %s to its signal', async (operation) => {
    const stop = new AbortController();
    const ended = errorOf(provider.secret[operation]({ vault: { ...vault, read: () => new Promise(() => {}) }, signal: stop.signal }));
    stop.abort();
    expect(await ended).toMatchObject({ code: 'aborted', operation: `secret.${operation}` });
    expect(done()).toEqual(NOTHING);
  });

  it.each([undefined, ''])('has no pending secret if that is %j', async (pending) => {
    vault.content = { current: old, pending } as unknown as Content; // as in a table without nulls
    await provider.secret.recover({ vault });
    await provider.secret.rotate({ vault, next: NEXT });
    expect([vault.content, methods()]).toEqual([{ current: NEXT, pending: null }, ['PUT']]);
  });

  it.each([1, 5])('that shows %i looks later what was written is waited for', async (looks) => {
    await provider.secret.rotate({ vault: behind(looks), next: NEXT });
    expect([vault.content, await working(NEXT)]).toEqual([{ current: NEXT, pending: null }, [NEXT]]);
  });

  it('that shows nothing of what was written within eight seconds is told nothing that would be lost with it', async () => {
    const { monotonic } = vendor.clock;
    const [began, looks] = [monotonic(), [] as number[]];
    const forgetful: SecretVault = {
      read: async () => {
        looks.push(monotonic() - began);
        return vault.content;
      },
      write: async () => {},
    };
    const rotation = errorOf(provider.secret.rotate({ vault: forgetful, next: NEXT, keepOldFor30Days: false }));
    const error = await passing(vendor.clock, rotation);
    expect(error).toMatchObject({ code: 'unavailable', operation: 'secret.rotate', message: expect.stringContaining('Nothing was sent') });
    expect(vendor.sandbox.calls).toEqual([]);
    expect(looks).toHaveLength(8);
    expect((looks.at(-1) ?? 0) - (looks[2] ?? 0)).toBe(7_750);
  });

  it('that does not answer a write stops no call for a token, in no process that shares the store', async () => {
    const store = memoryStore({ clock: vendor.clock });
    const [first, second] = [another({ store }), another({ store })];
    let tokens: Promise<readonly Token[]> | undefined;
    vault.before = () => {
      // By now this rotation is the first use of the secret, and the others wait for it.
      tokens = Promise.all([first, second].map(({ application }) => application.token()));
      return new Promise(() => {});
    };
    const rotation = errorOf(first.secret.rotate({ vault, next: NEXT }));
    expect(await passing(vendor.clock, rotation)).toMatchObject({ code: 'unavailable', operation: 'secret.rotate' });
    expect(tokens && (await passing(vendor.clock, tokens))).toHaveLength(2);
    expect(methods()).toEqual(['POST']);
    for (const { [Symbol.asyncDispose]: dispose } of [first, second]) await dispose();
  });

  it('that is given up after the change leaves both secrets for another process, and this one waits for it', async () => {
    vault.before = ({ pending }) => (pending === null ? endless() : undefined);
    const error = await errorOf(provider.secret.rotate({ vault, next: NEXT }));
    expect(error).toMatchObject({ code: 'outcome_unknown', message: expect.stringContaining('secret.recover') });
    expect(vault.content).toEqual({ current: old, pending: NEXT });
    // The write that timed out may still arrive at any time, over what the next change has written.
    expect(await errorOf(provider.secret.recover({ vault }))).toMatchObject({ code: 'conflict', operation: 'secret.recover' });
    vault.before = () => {};
    await another().secret.recover({ vault });
    expect(vault.content).toEqual({ current: NEXT, pending: null });
  });

  it('may write without a promise', async () => {
    const { read } = vault;
    const plain = { read, write: (content: Content) => void Object.assign(vault, { content }) } as unknown as SecretVault; // as plain JavaScript may
    await provider.secret.rotate({ vault: plain, next: NEXT });
    await provider.secret.rotate({ vault: plain, next: ANOTHER });
    expect(vault.content).toEqual({ current: ANOTHER, pending: null });
  });
});

describe('the guard', () => {
  it('lets a wrong secret in the vault cost one attempt, however often and in however many processes, and writes nothing', async () => {
    const store = memoryStore({ clock: vendor.clock });
    const fleet = Array.from({ length: 4 }, () => another({ store }));
    vault.content = { current: WRONG, pending: null };
    const refusal = { code: 'invalid_credentials', vendorCode: '10001' };
    for (const { secret, application } of fleet) {
      expect(await errorOf(secret.rotate({ vault }))).toMatchObject({ ...refusal, operation: 'secret.rotate' });
      expect(await errorOf(application.token())).toMatchObject({ ...refusal, operation: 'application.token' });
      vendor.clock.advance(MINUTE);
    }
    expect([vendor.sandbox.calls.length, vendor.sandbox.failedAttempts]).toEqual([1, 1]);
    expect(await Promise.all(fleet.map(attemptsLeft))).toEqual([2, 2, 2, 2]);
    // Once before it was known, and once back.
    expect([vault.writes.length, vault.content]).toEqual([2, { current: WRONG, pending: null }]);
  });

  it('stops rotations and recoveries too after three different wrong secrets, and leaves the vault as it is', async () => {
    for (const current of ['wrong1', 'wrong2', 'wrong3']) {
      vault.content = { current, pending: null };
      await errorOf(provider.secret.rotate({ vault }));
    }
    const { rotate, recover } = provider.secret;
    const exhausted = async (pending: string | null, run: () => Promise<void>): Promise<void> => {
      const content = { current: old, pending };
      vault.content = content;
      expect([await codeOf(run()), vault.content]).toEqual(['attempts_exhausted', content]);
    };
    await exhausted(null, () => rotate({ vault }));
    await exhausted(null, () => rotate({ vault, next: NEXT }));
    await exhausted(NEXT, () => recover({ vault }));
    expect([vendor.sandbox.calls.length, vendor.sandbox.locked]).toEqual([3, false]);
  });

  it('remembers what a probe was told, so that one that could not be written down is not made again', async () => {
    vault.content = { current: old, pending: NEXT };
    vault.failAt = 1;
    expect(await errorOf(provider.secret.recover({ vault }))).toMatchObject({ code: 'unavailable', operation: 'secret.recover' });
    expect(vendor.sandbox.failedAttempts).toBe(1);
    await provider.secret.recover({ vault });
    expect(vault.content).toEqual({ current: old, pending: null });
    expect([vendor.sandbox.calls.length, vendor.sandbox.failedAttempts]).toEqual([1, 1]);
  });

  it.each([
    ['as wrong', status(401, '{"code":10001}')],
    ['by the lock', status(500, '{"code":24302}')],
  ])(
    'refuses a next secret that was refused before %s, as nobody could find out after a lost answer whether it works',
    async (_, reply) => {
      const store = memoryStore({ clock: vendor.clock });
      const one = another({ store });
      vendor.sandbox.faults.add({ method: 'POST', reply });
      await errorOf(another({ store, partnerSecret: NEXT }).application.token());
      const refusal = { code: 'invalid_request', message: expect.stringContaining('refused the next secret before') };
      expect(await errorOf(one.secret.rotate({ vault, next: NEXT }))).toMatchObject(refusal);
      expect(done()).toEqual([[], 1]);
      await one.secret.rotate({ vault });
      expect(await attemptsLeft(one)).toBe(3);
    },
  );

  it('leaves nothing behind of the question whether a next secret was refused before', async () => {
    failChange(status(400, '{"code":24437}'));
    await errorOf(provider.secret.rotate({ vault, next: NEXT }));
    expect(await attemptsLeft(provider)).toBe(3);
  });

  it('counts the lock, never asks a locked partner again, and calls no next secret refused because of it', async () => {
    failChange(status(500, '{"code":24302}'));
    await errorOf(provider.secret.rotate({ vault, next: NEXT }));
    expect(await errorOf(provider.secret.rotate({ vault, next: NEXT }))).toMatchObject({ code: 'locked', operation: 'secret.rotate' });
    expect(await codeOf(provider.application.token())).toBe('locked');
    expect(vendor.sandbox.calls).toHaveLength(1);
  });
});

describe('recover', () => {
  it('does nothing when nothing is pending, and nothing for a signal that has aborted', async () => {
    await provider.secret.recover({ vault });
    vault.content = { current: old, pending: NEXT };
    expect(await codeOf(provider.secret.recover({ vault, signal: AbortSignal.abort() }))).toBe('aborted');
    expect([done(), vault.content]).toEqual([NOTHING, { current: old, pending: NEXT }]);
  });

  it('promotes when only the promotion failed, and may be repeated when its own failed', async () => {
    vault.failAt = 2;
    const error = await errorOf(provider.secret.rotate({ vault, next: NEXT, keepOldFor30Days: false }));
    expect(error).toMatchObject({ code: 'outcome_unknown', message: expect.stringContaining('secret.recover') });
    expect(JSON.stringify([error, error.message, error.stack])).not.toContain(NEXT);
    vault.failAt = 3;
    expect(await codeOf(provider.secret.recover({ vault }))).toBe('unavailable');
    expect(vault.content).toEqual({ current: old, pending: NEXT });
    await provider.secret.recover({ vault });
    expect([vault.content, vendor.sandbox.failedAttempts]).toEqual([{ current: NEXT, pending: null }, 0]);
  });

  it.each([
    ['the vendor is down', status(503), 'unavailable'],
    ['the answer is lost', { kind: 'lost' }, 'unavailable'],
    ['the partner is locked', status(500, '{"code":24302}'), 'locked'],
    ['the region is blocked', status(403), 'region_blocked'],
    ['calls are limited', status(429), 'rate_limited'],
    ['the partner is unknown', status(404, '{"code":12401}'), 'invalid_credentials'],
    ['the partner is not authorised', status(401, '{"code":10021}'), 'invalid_credentials'],
    ['the app key is wrong', status(401, 'Invalid (Finicity-App-Key)'), 'invalid_credentials'],
    ['the app key is wrong, with a code', status(401, '{"code":10027}'), 'invalid_credentials'],
    ['nobody says why', status(401), 'invalid_credentials'],
    ['it is not the vendor that answers', status(200, '<html>'), 'invalid_response'],
  ] as const)('leaves both secrets as they are when %s, and another process finds the one that works', async (_, reply, code) => {
    failChange({ kind: 'lost' });
    await errorOf(provider.secret.rotate({ vault, next: NEXT, keepOldFor30Days: false }));
    vendor.sandbox.faults.add({ method: 'POST', reply });
    expect(await errorOf(provider.secret.recover({ vault }))).toMatchObject({ code, operation: 'secret.recover' });
    expect(vault.content).toEqual({ current: old, pending: NEXT });
    await another().secret.recover({ vault });
    expect(vault.content).toEqual({ current: NEXT, pending: null });
  });
});

describe('a request that was lost', () => {
  let waits: (readonly [milliseconds: number, ref: boolean | undefined])[];
  /** A provider whose changes are cut off, and arrive after this many milliseconds. Its clock does not hurry. */
  const process = (deliveredAfter: number): FinicityProvider => {
    const { clock, sandbox } = vendor;
    const deliver: Fetch = async (input, init) => {
      const request = new Request(input, init);
      if (request.method !== 'PUT') return sandbox.fetch(request);
      const copy = new Request(request.url, { method: 'PUT', headers: request.headers, body: await request.text() });
      clock.after(deliveredAfter, () => void sandbox.fetch(copy));
      throw new TypeError('The connection was cut.');
    };
    const after: typeof clock.after = (milliseconds, run, options) => {
      // Not the engine's own limit of a run.
      if (milliseconds > 30_000 && milliseconds <= MINUTE && milliseconds !== MINUTE - 1) waits.push([milliseconds, options?.ref]);
      return clock.after(milliseconds, run);
    };
    return another({ fetch: deliver, clock: { ...clock, after } });
  };
  const lose = async (deliveredAfter = DAY): Promise<FinicityProvider> => {
    waits = [];
    const one = process(deliveredAfter);
    expect(await codeOf(one.secret.rotate({ vault, next: NEXT }))).toBe('outcome_unknown');
    return one;
  };

  it.each([
    ['the process that sent it', 0],
    ['the process that sent it', 20_000],
    ['another process', 0],
    ['another process', 20_000],
  ])('and arrives later is not given up by %s, %i ms after it', async (who, after) => {
    const first = await lose(after + 30_000);
    await vendor.clock.settle(after);
    const { secret } = who === 'another process' ? process(DAY) : first;
    const recovery = secret.recover({ vault });
    await vendor.clock.settle(30_000);
    expect([methods(), vault.content.pending]).toEqual([['PUT'], NEXT]);
    // To the end of the minute and not much further, where the engine would give up what takes real time.
    await vendor.clock.settle(31_000);
    await recovery;
    expect([vault.content, vendor.sandbox.failedAttempts]).toEqual([{ current: NEXT, pending: null }, 0]);
  });

  it('is waited for until a minute after it by the process that sent it, and for a minute by another, which keeps the process alive', async () => {
    const { secret } = await lose();
    await vendor.clock.settle(20_000);
    vendor.clock.step(DAY); // changes nothing
    const recoveries = [secret.recover({ vault }), process(DAY).secret.recover({ vault })];
    await vendor.clock.settle(MINUTE);
    await Promise.all(recoveries);
    expect(waits).toEqual([
      [40_000, true],
      [60_000, true],
    ]);
    expect(vault.content.pending).toBe(null);
  });

  it('is waited for from now on where it is not the one that this process lost', async () => {
    const { secret } = await lose();
    vendor.clock.advance(MINUTE);
    vault.content = { current: old, pending: ANOTHER };
    const recovery = secret.recover({ vault });
    await vendor.clock.settle(MINUTE);
    await recovery;
    expect([waits, vault.content]).toEqual([[[60_000, true]], { current: old, pending: null }]);
  });

  it('is not waited for longer than a minute after it', async () => {
    const { secret } = await lose();
    vendor.clock.advance(MINUTE);
    await secret.recover({ vault });
    expect([waits, vault.content.pending]).toEqual([[], null]);
  });

  it('is not waited for where it was answered, and only the vault failed', async () => {
    waits = [];
    vault.failAt = 2;
    const { clock, sandbox } = vendor;
    const { secret } = another({ clock, fetch: sandbox.fetch });
    expect(await codeOf(secret.rotate({ vault, next: NEXT }))).toBe('outcome_unknown');
    expect(vault.content.pending).toBe(NEXT);
    await secret.recover({ vault });
    expect(vault.content).toEqual({ current: NEXT, pending: null });
  });

  it('is waited for until the signal of the caller aborts, and both secrets stay', async () => {
    const { secret } = await lose();
    const stop = new AbortController();
    const ended = errorOf(secret.recover({ vault, signal: stop.signal }));
    await vendor.clock.settle(1_000);
    stop.abort();
    expect(await ended).toMatchObject({ code: 'aborted', operation: 'secret.recover', message: expect.stringContaining('both secrets') });
    expect([vault.content.pending, vendor.sandbox.calls]).toEqual([NEXT, []]);
    await vendor.clock.settle(MINUTE);
    await secret.recover({ vault });
    expect(vault.content.pending).toBe(null);
  });

  it.each([
    ['has ended the rotation', null, 'resolved'],
    ['has begun another rotation', ANOTHER, 'conflict'],
  ])('is nothing to decide about where another process %s meanwhile', async (_, pending, code) => {
    const { secret } = await lose();
    const outcome = codeOf(secret.recover({ vault }));
    await vendor.clock.settle(1_000);
    const content = { current: NEXT, pending };
    vault.content = content;
    await vendor.clock.settle(MINUTE);
    expect(await outcome).toBe(code);
    expect(vault.content).toBe(content);
    expect(vendor.sandbox.calls).toEqual([]);
  });
});

describe('a generated secret', () => {
  it('keeps the policy, has 32 of 64 symbols, and is never the same, in 300 samples', async () => {
    const { secret } = another({ fetch: async () => new Response(null, { status: 204 }) });
    const samples = new Set<string>();
    for (let sample = 0; sample < 300; sample += 1) {
      await secret.rotate({ vault });
      samples.add(vault.content.current);
    }
    expect(samples.size).toBe(300);
    expect([...samples].filter((sample) => !POLICY.test(sample) || sample.length !== 32)).toEqual([]);
    expect(new Set([...samples].join('')).size).toBe(64);
  });
});
