import type { Fetch, SecretVault, Token } from '@auth/core';
import { AuthError, memoryStore } from '@auth/core';
import { type FakeClock, fakeClock } from '@auth/core/testing';
import { type FaultReply, type FinicitySandbox, type FinicitySandboxOptions, finicitySandbox, type Listening } from '@auth/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hurried } from '../test/hurried-clock.ts';
import { type FinicityOptions, type FinicityProvider, finicity } from './index.ts';

const DAY = 24 * 3_600_000;
const NEXT = 'brandNewSecret_1';
const WRONG = 'wrongWrongWrong12345';
const POLICY = /^(?=.*[A-Za-z])(?=.*[0-9])[A-Za-z0-9!@#$%&*_+-]{12,255}$/;

interface Content {
  readonly current: string;
  readonly pending: string | null;
}

interface MemoryVault extends SecretVault {
  content: Content;
  /** The number of the write that fails, from 1; 0 means none. */
  failAt: number;
  /** Runs before a write. */
  before: (next: Content) => void | Promise<void>;
}

/** A vault in memory that can fail, and the journal of what was written. Its errors quote the secrets, as those of some vaults do. */
const memoryVault = (content: Content, journal: unknown[] = []): MemoryVault => {
  let writes = 0;
  const vault: MemoryVault = {
    content,
    failAt: 0,
    before: () => {},
    read: async () => vault.content,
    write: async (next: Content) => {
      writes += 1;
      await vault.before(next);
      if (writes === vault.failAt) throw new TypeError(`The vault is sealed: ${JSON.stringify(next)}`);
      vault.content = next;
      journal.push(next);
    },
  };
  return vault;
};

const errorOf = async (promise: Promise<unknown>): Promise<AuthError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (AuthError.is(error)) return error;
  throw new Error(`No AuthError, but ${error}.`);
};

/** Waits while time passes, slowly enough for anything on the network. */
const passing = async <T>(clock: FakeClock, outcome: Promise<T>): Promise<T> => {
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  outcome.then(end, end);
  while (!isOver) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    clock.advance(25);
  }
  return outcome;
};

describe.each(['in process', 'over HTTP'])('secret, %s', (way) => {
  let clock: FakeClock;
  let sandbox: FinicitySandbox;
  let provider: FinicityProvider;
  let server: Listening | undefined;
  let old: string;
  /** What was written to the vault and sent to the vendor, in order. */
  let journal: unknown[];
  let vault: ReturnType<typeof memoryVault>;

  const create = async (options: FinicitySandboxOptions = {}): Promise<void> => {
    clock = fakeClock({ now: Date.UTC(2026, 0, 1) });
    sandbox = finicitySandbox({ clock, ...options });
    await server?.close();
    if (way === 'over HTTP') server = await sandbox.listen();
    old = sandbox.credentials.partnerSecret;
    journal = [];
    vault = memoryVault({ current: old, pending: null }, journal);
    provider = another();
  };
  const another = (options: Partial<FinicityOptions> = {}): FinicityProvider => {
    const carry: Fetch = server ? fetch : sandbox.fetch;
    return finicity({
      ...sandbox.credentials,
      partnerSecret: () => vault.content.current,
      baseUrl: server?.url,
      clock: hurried(clock),
      fetch: async (input, init) => {
        const request = new Request(input, init);
        journal.push([request.method, await request.clone().json()]);
        return carry(request);
      },
      ...options,
    });
  };
  beforeEach(() => create());
  afterEach(async () => {
    await provider[Symbol.asyncDispose]();
    await server?.close();
    server = undefined;
  });

  const fail = (reply: FaultReply): void => sandbox.faults.add({ method: 'PUT', reply });
  /** Whether the vendor accepts this secret now. Asked in process, so that no journal has it. */
  const works = async (partnerSecret: string): Promise<boolean> => {
    const { appKey, partnerId } = sandbox.credentials;
    const before = sandbox.failedAttempts;
    const call = finicity({ appKey, partnerId, partnerSecret, fetch: sandbox.fetch }).api.createToken({ partnerId, partnerSecret });
    const accepted = await call.then(
      () => true,
      () => false,
    );
    expect(sandbox.failedAttempts).toBe(accepted ? 0 : before + 1);
    return accepted;
  };

  /** Advances the clock once the work in progress waits. It is this test's own clock, even if the test has ended by then. */
  const later = (milliseconds: number): void => {
    const { advance } = clock;
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
    it('writes the next secret as pending, changes it at the vendor, then promotes it', async () => {
      const { partnerId } = sandbox.credentials;
      await provider.secret.rotate({ vault, next: NEXT });
      expect(journal).toEqual([
        { current: old, pending: NEXT },
        ['PUT', { partnerId, partnerSecret: old, newPartnerSecret: NEXT, immediate: false }],
        { current: NEXT, pending: null },
      ]);
    });

    it('takes the current secret from the vault, not from the options', async () => {
      await provider.secret.rotate({ vault, next: NEXT });
      await provider.secret.rotate({ vault, next: `${NEXT}again` });
      expect(vault.content).toEqual({ current: `${NEXT}again`, pending: null });
      expect(await works(`${NEXT}again`)).toBe(true);
    });

    it('keeps the old secret for 30 days by default', async () => {
      await provider.secret.rotate({ vault, next: NEXT });
      expect([await works(old), await works(NEXT)]).toEqual([true, true]);
      clock.advance(30 * DAY - 1);
      expect(await works(old)).toBe(true);
      clock.advance(1);
      expect([await works(old), await works(NEXT)]).toEqual([false, true]);
    });

    it('ends the old secret at once when asked', async () => {
      await provider.secret.rotate({ vault, next: NEXT, keepOldFor30Days: false });
      expect([await works(old), await works(NEXT)]).toEqual([false, true]);
    });

    it('generates the secret if none is given', async () => {
      await provider.secret.rotate({ vault });
      expect(vault.content.current).toMatch(POLICY);
      expect(vault.content.current).toHaveLength(32);
      expect(await works(vault.content.current)).toBe(true);
    });

    it('leaves tokens alone, and the running provider picks the new secret up', async () => {
      const token = await provider.application.token();
      await provider.secret.rotate({ vault, keepOldFor30Days: false });
      expect(await provider.application.token()).toBe(token);
      await provider.application.invalidate(token);
      expect((await provider.application.token()).value).not.toBe(token.value);
      expect(sandbox.failedAttempts).toBe(0);
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
    ])('refuses %.20j before anything is written or sent, and names each broken rule', async (next, rules) => {
      const error = await errorOf(provider.secret.rotate({ vault, next }));
      expect(error).toMatchObject({ code: 'invalid_request', provider: 'finicity', operation: 'secret.rotate' });
      for (const rule of rules) expect(error.message).toContain(rule);
      if (next.length > 1) expect(error.message).not.toContain(next);
      expect(journal).toEqual([]);
    });

    it('refuses the current secret as the next one, as nothing would have been rotated', async () => {
      const error = await errorOf(provider.secret.rotate({ vault, next: old }));
      expect(error).toMatchObject({ code: 'invalid_request', message: expect.stringContaining('must differ from the current one') });
      expect(error.message).not.toContain(old);
      expect(journal).toEqual([]);
    });

    it.each([
      ['fails', () => Promise.reject(new RangeError(`vault: ${WRONG}`)), 'unavailable'],
      ['is empty', async () => null, 'misconfigured'],
      ['has no current secret', async () => ({ pending: null }), 'misconfigured'],
      ['has an empty one', async () => ({ current: '', pending: null }), 'misconfigured'],
      ['has one with a line break', async () => ({ current: `${WRONG}\n`, pending: null }), 'misconfigured'],
    ])('sends nothing when the vault %s', async (_, read, code) => {
      const broken = { ...vault, read } as unknown as SecretVault; // wrong on purpose: that is what is tested
      for (const error of [
        await errorOf(provider.secret.rotate({ vault: broken })),
        await errorOf(provider.secret.recover({ vault: broken })),
      ]) {
        expect(error).toMatchObject({ code, message: expect.stringContaining('Nothing was sent') });
        expect(error.message).not.toContain(WRONG);
      }
      expect(journal).toEqual([]);
    });

    it.each([undefined, ''])('takes a pending secret that is %j for none', async (pending) => {
      vault.content = { current: old, pending } as unknown as Content; // as in a table without nulls
      await provider.secret.recover({ vault });
      await provider.secret.rotate({ vault, next: NEXT });
      expect(vault.content).toEqual({ current: NEXT, pending: null });
    });

    it.each(['brandNewSec1', `a${'a1'.repeat(127)}`, 'A1!@#$%&*_-+'])('accepts %.20j, as the vendor does', async (next) => {
      await provider.secret.rotate({ vault, next });
      expect(vault.content).toEqual({ current: next, pending: null });
    });

    it('refuses while a secret is pending, and sends nothing', async () => {
      vault.content = { current: old, pending: NEXT };
      const error = await errorOf(provider.secret.rotate({ vault }));
      expect(error).toMatchObject({ code: 'conflict', message: expect.stringContaining('secret.recover') });
      expect(journal).toEqual([]);
    });

    it('sends nothing when the pending secret cannot be written', async () => {
      vault.failAt = 1;
      const error = await errorOf(provider.secret.rotate({ vault, next: NEXT }));
      expect(error).toMatchObject({ code: 'unavailable', operation: 'secret.rotate', message: expect.stringContaining('TypeError') });
      expect(error.message).toContain('Nothing was sent');
      expect(JSON.stringify([error, error.message, error.stack])).not.toContain(NEXT);
      expect(journal).toEqual([]);
      expect(await works(old)).toBe(true);
    });

    it('stops before it is sent when its signal has aborted, and leaves nothing pending', async () => {
      const error = await errorOf(provider.secret.rotate({ vault, next: NEXT, signal: AbortSignal.abort() }));
      expect(error.code).toBe('aborted');
      expect(vault.content).toEqual({ current: old, pending: null });
      expect(sandbox.calls).toEqual([]);
    });

    it.each([
      ['the policy', { kind: 'status', status: 400, body: '{"code":24437}' }, 'invalid_request'],
      ['wrong credentials', { kind: 'status', status: 401, body: '{"code":10001}' }, 'invalid_credentials'],
      ['the lock as 500', { kind: 'status', status: 500, body: '{"code":24302}' }, 'locked'],
      ['the lock as 401', { kind: 'status', status: 401, body: '{"code":24302}' }, 'locked'],
      ['the region', { kind: 'status', status: 403 }, 'region_blocked'],
      ['a limit', { kind: 'status', status: 429 }, 'rate_limited'],
    ] as const)('leaves nothing pending when the vendor refuses for %s', async (_, reply, code) => {
      fail(reply);
      expect((await errorOf(provider.secret.rotate({ vault, next: NEXT }))).code).toBe(code);
      expect(vault.content).toEqual({ current: old, pending: null });
      expect(await works(old)).toBe(true);
    });

    it.each([
      ['the answer is lost', { kind: 'lost' }, 'outcome_unknown'],
      ['the connection is cut', { kind: 'unreachable' }, 'outcome_unknown'],
      ['a gateway gives up (502)', { kind: 'status', status: 502 }, 'outcome_unknown'],
      ['a gateway gives up (504)', { kind: 'status', status: 504 }, 'outcome_unknown'],
      ['the vendor fails (500)', { kind: 'status', status: 500 }, 'outcome_unknown'],
      ['the vendor fails (503)', { kind: 'status', status: 503, body: '<html>' }, 'outcome_unknown'],
      ['the vendor times out (408)', { kind: 'status', status: 408, body: '{"code":10030}' }, 'outcome_unknown'],
      ['a gateway says yes without a word (200)', { kind: 'status', status: 200 }, 'outcome_unknown'],
      ["somebody else's page is the answer (200)", { kind: 'status', status: 200, body: '<html>' }, 'outcome_unknown'],
    ] as const)('leaves the secret pending when %s, as it may be the one that works', async (_, reply, code) => {
      fail(reply);
      const error = await errorOf(provider.secret.rotate({ vault, next: NEXT }));
      expect(error).toMatchObject({
        code,
        retryable: false,
        operation: 'secret.rotate',
        message: expect.stringContaining('secret.recover'),
      });
      expect(vault.content).toEqual({ current: old, pending: NEXT });
      expect(sandbox.calls).toHaveLength(1);
    });

    it('costs one attempt when the vault has the wrong secret', async () => {
      vault.content = { current: WRONG, pending: null };
      expect(await errorOf(provider.secret.rotate({ vault, next: NEXT }))).toMatchObject({ code: 'invalid_credentials' });
      expect(sandbox.failedAttempts).toBe(1);
      expect(vault.content).toEqual({ current: WRONG, pending: null });
    });
  });

  describe('two rotations at once', () => {
    const conflict = { code: 'conflict', provider: 'finicity', operation: 'secret.rotate' };

    it('are one and a conflict in one process', async () => {
      const outcomes = await Promise.allSettled([provider.secret.rotate({ vault }), provider.secret.rotate({ vault })]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
      expect(outcomes[1]).toMatchObject({ reason: conflict });
      expect(sandbox.calls).toHaveLength(1);
      expect(await works(vault.content.current)).toBe(true);
      await provider.secret.rotate({ vault });
    });

    it('are a conflict in the second of two processes, which sees the pending secret of the first', async () => {
      const second = another();
      let late: AuthError | undefined;
      vault.before = async ({ current }) => {
        if (current === NEXT) late ??= await errorOf(second.secret.rotate({ vault }));
      };
      await provider.secret.rotate({ vault, next: NEXT });
      expect(late).toMatchObject(conflict);
      expect(vault.content).toEqual({ current: NEXT, pending: null });
      expect(sandbox.calls).toHaveLength(1);
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
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: conflict });
      expect(sandbox.calls).toHaveLength(1);
      expect(vault.content.pending).toBe(null);
      expect(await works(vault.content.current)).toBe(true);
    });

    it('are one and a conflict in one process, though its vault is slow to show what was written', async () => {
      const slow = behind(3);
      const both = Promise.allSettled([provider.secret.rotate({ vault: slow }), provider.secret.rotate({ vault: slow })]);
      expect((await both).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
      expect(sandbox.calls).toHaveLength(1);
      expect(await works(vault.content.current)).toBe(true);
    });

    it.each([
      ['has begun', (): Content => ({ current: old, pending: 'secretOfAnother1' })],
      ['has ended', (): Content => ({ current: 'secretOfAnother1', pending: null })],
    ] as const)('leave the vault to the one that %s since this one looked', async (_, later) => {
      const content = later();
      const reads = [vault.content, content];
      const changing: SecretVault = { ...vault, read: async () => reads.shift() ?? content };
      expect(await errorOf(provider.secret.rotate({ vault: changing, next: NEXT }))).toMatchObject(conflict);
      expect(journal).toEqual([]);
    });
  });

  describe('a vault', () => {
    it.each([1, 5])('that shows %i looks later what was written is waited for', async (looks) => {
      await provider.secret.rotate({ vault: behind(looks), next: NEXT });
      expect(vault.content).toEqual({ current: NEXT, pending: null });
      expect(await works(NEXT)).toBe(true);
    });

    it('that never shows what was written is told nothing that would be lost with it', async () => {
      const forgetful: SecretVault = {
        read: async () => {
          later(4_000);
          return vault.content;
        },
        write: async () => {},
      };
      const error = await errorOf(provider.secret.rotate({ vault: forgetful, next: NEXT, keepOldFor30Days: false }));
      expect(error).toMatchObject({ code: 'unavailable', operation: 'secret.rotate' });
      expect(error.message).toContain('Nothing was sent');
      expect(sandbox.calls).toEqual([]);
      expect(await works(old)).toBe(true);
    });

    it.each(['rotate', 'recover'] as const)(
      'that does not answer a read ends %s after 30 seconds, and the next one goes on',
      async (operation) => {
        const hung: SecretVault = { read: endless, write: vault.write };
        const error = await errorOf(provider.secret[operation]({ vault: hung }));
        expect(error).toMatchObject({ code: 'unavailable', operation: `secret.${operation}` });
        expect(error.message).toContain('no answer within 30 s');
        await provider.secret[operation]({ vault });
      },
    );

    it.each(['rotate', 'recover'] as const)('that does not answer a read leaves %s to its signal', async (operation) => {
      const controller = new AbortController();
      const ended = errorOf(provider.secret[operation]({ vault: { read: endless, write: vault.write }, signal: controller.signal }));
      controller.abort();
      expect(await ended).toMatchObject({ code: 'aborted', operation: `secret.${operation}` });
      expect(sandbox.calls).toEqual([]);
    });

    it('that does not answer a write stops no call for a token, in no process that shares the store', async () => {
      const store = memoryStore({ clock });
      const [first, second] = [another({ store }), another({ store })];
      let tokens: Promise<readonly Token[]> | undefined;
      vault.before = () => {
        // By now this rotation is the first use of the secret, and the others wait for it.
        tokens = Promise.all([first, second].map(({ application }) => application.token()));
        return new Promise(() => {});
      };
      const rotation = errorOf(first.secret.rotate({ vault, next: NEXT }));
      expect(await passing(clock, rotation)).toMatchObject({ code: 'unavailable', operation: 'secret.rotate' });
      expect(tokens && (await passing(clock, tokens))).toHaveLength(2);
      expect(sandbox.calls.map(({ method }) => method)).toEqual(['POST']);
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
  });

  describe('the guard', () => {
    const attemptsLeft = async ({ application }: FinicityProvider): Promise<unknown> => (await application.status()).attemptsLeft;

    it('lets a wrong secret in the vault cost one attempt, however often and in however many processes it is used', async () => {
      const store = memoryStore({ clock });
      const fleet = Array.from({ length: 4 }, () => another({ store }));
      vault.content = { current: WRONG, pending: null };
      for (let round = 0; round < 5; round += 1) {
        for (const one of fleet) {
          expect((await errorOf(one.secret.rotate({ vault }))).code).toBe('invalid_credentials');
          expect((await errorOf(one.application.token())).code).toBe('invalid_credentials');
        }
        clock.advance(60_000);
      }
      expect([sandbox.calls.length, sandbox.failedAttempts]).toEqual([1, 1]);
      expect(await Promise.all(fleet.map(attemptsLeft))).toEqual([2, 2, 2, 2]);
      expect(vault.content).toEqual({ current: WRONG, pending: null });
    });

    it('writes nothing to the vault for a secret that is known to be refused', async () => {
      vault.content = { current: WRONG, pending: null };
      await errorOf(provider.application.token());
      journal.length = 0;
      const error = await errorOf(provider.secret.rotate({ vault }));
      expect(error).toMatchObject({ code: 'invalid_credentials', vendorCode: '10001', operation: 'secret.rotate' });
      expect(journal).toEqual([]);
    });

    it('stops rotations too after three different wrong secrets, until it is reset', async () => {
      for (const current of ['wrong1', 'wrong2', 'wrong3']) {
        vault.content = { current, pending: null };
        await errorOf(provider.secret.rotate({ vault }));
      }
      expect(await attemptsLeft(provider)).toBe(0);
      vault.content = { current: old, pending: null };
      expect(await errorOf(provider.secret.rotate({ vault, next: NEXT }))).toMatchObject({ code: 'attempts_exhausted' });
      vault.content = { current: old, pending: NEXT };
      expect(await errorOf(provider.secret.recover({ vault }))).toMatchObject({ code: 'attempts_exhausted', operation: 'secret.recover' });
      expect(vault.content).toEqual({ current: old, pending: NEXT });
      expect([sandbox.calls.length, sandbox.locked]).toEqual([3, false]);
      await provider.application.reset();
      expect(await attemptsLeft(provider)).toBe(3);
      vault.content = { current: old, pending: null };
      await provider.secret.rotate({ vault, next: NEXT });
      expect(vault.content.current).toBe(NEXT);
    });

    it('remembers what a probe was told, so that one that could not be written down is not made again', async () => {
      vault.content = { current: old, pending: NEXT };
      vault.failAt = 1;
      expect((await errorOf(provider.secret.recover({ vault }))).code).toBe('unavailable');
      expect(sandbox.failedAttempts).toBe(1);
      await provider.secret.recover({ vault });
      expect(vault.content).toEqual({ current: old, pending: null });
      expect([sandbox.calls.length, sandbox.failedAttempts]).toEqual([1, 1]);
    });

    it('refuses a next secret that was refused before, as nobody could find out after a lost answer whether it took effect', async () => {
      await errorOf(another({ partnerSecret: NEXT }).application.token());
      const store = memoryStore({ clock });
      const one = another({ store });
      await errorOf(another({ store, partnerSecret: NEXT }).application.token());
      journal.length = 0;
      expect(await errorOf(one.secret.rotate({ vault, next: NEXT }))).toMatchObject({
        code: 'invalid_request',
        message: expect.stringContaining('refused the next secret before'),
      });
      expect(journal).toEqual([]);
      await one.secret.rotate({ vault });
      expect(await attemptsLeft(one)).toBe(3);
      expect(await works(vault.content.current)).toBe(true);
    });

    it('leaves nothing behind of the question whether a next secret was refused before', async () => {
      expect(await attemptsLeft(provider)).toBe(3);
      fail({ kind: 'status', status: 400, body: '{"code":24437}' });
      await errorOf(provider.secret.rotate({ vault, next: NEXT }));
      expect(await attemptsLeft(provider)).toBe(3);
    });

    it('counts the lock, and never asks a locked partner again', async () => {
      fail({ kind: 'status', status: 500, body: '{"code":24302}' });
      await errorOf(provider.secret.rotate({ vault, next: NEXT }));
      expect(await errorOf(provider.secret.rotate({ vault, next: NEXT }))).toMatchObject({ code: 'locked', operation: 'secret.rotate' });
      expect((await errorOf(provider.application.token())).code).toBe('locked');
      expect(sandbox.calls).toHaveLength(1);
    });
  });

  describe('recover', () => {
    it('is named in its errors', async () => {
      vault.content = { current: old, pending: NEXT };
      sandbox.faults.add({ reply: { kind: 'status', status: 503 } });
      expect((await errorOf(provider.secret.recover({ vault }))).operation).toBe('secret.recover');
    });

    it('asks once, and leaves both secrets when its signal has aborted', async () => {
      vault.content = { current: old, pending: NEXT };
      expect((await errorOf(provider.secret.recover({ vault, signal: AbortSignal.abort() }))).code).toBe('aborted');
      expect([journal, vault.content]).toEqual([[], { current: old, pending: NEXT }]);
    });

    it('does nothing when nothing is pending', async () => {
      await provider.secret.recover({ vault });
      expect(journal).toEqual([]);
    });

    it.each([
      [true, 'keeps the old one'],
      [false, 'cuts over'],
    ])('promotes the pending secret after a lost answer (keepOldFor30Days: %s, which %s)', async (keepOldFor30Days) => {
      fail({ kind: 'lost' });
      expect(await errorOf(provider.secret.rotate({ vault, next: NEXT, keepOldFor30Days }))).toMatchObject({
        code: 'outcome_unknown',
        retryable: false,
      });
      expect(vault.content).toEqual({ current: old, pending: NEXT });
      await provider.secret.recover({ vault });
      expect(vault.content).toEqual({ current: NEXT, pending: null });
      expect(sandbox.failedAttempts).toBe(0);
      expect(sandbox.calls.map(({ method }) => method)).toEqual(['PUT', 'POST']);
      expect(await works(NEXT)).toBe(true);
    });

    it('drops the pending secret when it never took effect, at the cost of one attempt', async () => {
      fail({ kind: 'unreachable' });
      await errorOf(provider.secret.rotate({ vault, next: NEXT }));
      await provider.secret.recover({ vault });
      expect(vault.content).toEqual({ current: old, pending: null });
      expect(sandbox.failedAttempts).toBe(1);
      expect(await works(old)).toBe(true);
    });

    it('promotes when only the promotion failed', async () => {
      vault.failAt = 2;
      const error = await errorOf(provider.secret.rotate({ vault, next: NEXT, keepOldFor30Days: false }));
      expect(error).toMatchObject({ code: 'outcome_unknown', message: expect.stringContaining('secret.recover') });
      expect(JSON.stringify([error, error.message, error.stack])).not.toContain(NEXT);
      expect(vault.content).toEqual({ current: old, pending: NEXT });
      await provider.secret.recover({ vault });
      expect(vault.content).toEqual({ current: NEXT, pending: null });
      expect(sandbox.failedAttempts).toBe(0);
    });

    it('may be repeated when it was interrupted itself', async () => {
      fail({ kind: 'lost' });
      await errorOf(provider.secret.rotate({ vault, next: NEXT, keepOldFor30Days: false }));
      vault.failAt = 2;
      expect(await errorOf(provider.secret.recover({ vault }))).toMatchObject({ code: 'unavailable', operation: 'secret.recover' });
      expect(vault.content).toEqual({ current: old, pending: NEXT });
      await provider.secret.recover({ vault });
      expect(vault.content).toEqual({ current: NEXT, pending: null });
    });

    it('lets the next rotation go on', async () => {
      fail({ kind: 'lost' });
      await errorOf(provider.secret.rotate({ vault, next: NEXT }));
      await provider.secret.recover({ vault });
      await provider.secret.rotate({ vault });
      expect(await works(vault.content.current)).toBe(true);
    });

    it.each([
      ['the vendor is down', { kind: 'status', status: 503 }, 'unavailable'],
      ['the answer is lost', { kind: 'lost' }, 'unavailable'],
      ['the partner is locked', { kind: 'status', status: 500, body: '{"code":24302}' }, 'locked'],
      ['the region is blocked', { kind: 'status', status: 403 }, 'region_blocked'],
      ['calls are limited', { kind: 'status', status: 429 }, 'rate_limited'],
      ['the partner is unknown', { kind: 'status', status: 404, body: '{"code":12401}' }, 'invalid_credentials'],
      ['the partner is not authorised', { kind: 'status', status: 401, body: '{"code":10021}' }, 'invalid_credentials'],
      ['nobody says why', { kind: 'status', status: 401 }, 'invalid_credentials'],
      ['it is not the vendor that answers', { kind: 'status', status: 200, body: '<html>' }, 'invalid_response'],
    ] as const)('leaves both secrets as they are when %s', async (_, reply, code) => {
      vault.content = { current: old, pending: NEXT };
      sandbox.faults.add({ method: 'POST', reply });
      expect((await errorOf(provider.secret.recover({ vault }))).code).toBe(code);
      expect(vault.content).toEqual({ current: old, pending: NEXT });
    });

    it.each(['text', 'json-10027', '429'] as const)(
      'keeps the only secret that works when the app key is wrong (%s)',
      async (invalidAppKey) => {
        await create({ invalidAppKey });
        fail({ kind: 'lost' });
        await errorOf(provider.secret.rotate({ vault, next: NEXT, keepOldFor30Days: false }));
        await errorOf(another({ appKey: '0'.repeat(32) }).secret.recover({ vault }));
        await errorOf(another({ partnerId: '1234567890123' }).secret.recover({ vault }));
        expect(vault.content).toEqual({ current: old, pending: NEXT });
        await provider.secret.recover({ vault });
        expect(vault.content).toEqual({ current: NEXT, pending: null });
      },
    );
  });
});

describe('a request that was lost', () => {
  const MINUTE = 60_000;

  /** A product, and a network that cuts the connection of a change and delivers the change after this many milliseconds. */
  const product = (deliveredAfter: number) => {
    const clock = fakeClock({ now: Date.UTC(2026, 0, 1) });
    const sandbox = finicitySandbox({ clock });
    const vault = memoryVault({ current: sandbox.credentials.partnerSecret, pending: null });
    const waits: (readonly [milliseconds: number, ref: boolean | undefined])[] = [];
    const deliver: Fetch = async (input, init) => {
      const request = new Request(input, init);
      if (request.method !== 'PUT') return sandbox.fetch(request);
      const copy = new Request(request.url, { method: 'PUT', headers: request.headers, body: await request.text() });
      clock.after(deliveredAfter, () => void sandbox.fetch(copy));
      throw new TypeError('The connection was cut.');
    };
    const process = (): FinicityProvider =>
      finicity({
        ...sandbox.credentials,
        partnerSecret: async () => vault.content.current,
        fetch: deliver,
        clock: {
          ...clock,
          after: (milliseconds, run, options) => {
            if (milliseconds > 30_000 && milliseconds <= MINUTE) waits.push([milliseconds, options?.ref]);
            return clock.after(milliseconds, run, options);
          },
        },
      });
    const lose = async (): Promise<FinicityProvider> => {
      const provider = process();
      expect(await errorOf(provider.secret.rotate({ vault, next: NEXT }))).toMatchObject({ code: 'outcome_unknown' });
      return provider;
    };
    return { clock, sandbox, vault, waits, process, lose };
  };

  it.each([
    ['the process that sent it', 0],
    ['the process that sent it', 20_000],
    ['another process', 0],
    ['another process', 20_000],
  ])('and arrives later is not given up by %s, %i ms after it', async (who, after) => {
    const { clock, sandbox, vault, process, lose } = product(after + 30_000);
    const first = await lose();
    await clock.settle(after);
    const { secret } = who === 'another process' ? process() : first;
    const recovery = secret.recover({ vault });
    await clock.settle(30_000);
    expect(sandbox.calls.map(({ method }) => method)).toEqual(['PUT']);
    expect(vault.content.pending).toBe(NEXT);
    // To the end of the minute and not much further, where the engine would give up what takes real time.
    await clock.settle(31_000);
    await recovery;
    expect(vault.content).toEqual({ current: NEXT, pending: null });
    clock.advance(31 * DAY);
    expect((await process().application.token()).value).toBeTypeOf('string');
    expect(sandbox.failedAttempts).toBe(0);
  });

  it('is waited for until a minute after it by the process that sent it, and for a minute by another, which keeps the process alive', async () => {
    const { clock, vault, waits, process, lose } = product(DAY);
    const { secret } = await lose();
    await clock.settle(20_000);
    const recoveries = [secret.recover({ vault }), process().secret.recover({ vault })];
    await clock.settle(MINUTE);
    await Promise.all(recoveries);
    expect(waits).toEqual([
      [40_000, true],
      [60_000, true],
    ]);
    expect(vault.content.pending).toBe(null);
  });

  it('is not waited for longer than a minute after it', async () => {
    const { clock, vault, waits, lose } = product(DAY);
    const { secret } = await lose();
    clock.advance(MINUTE);
    await secret.recover({ vault });
    expect(waits).toEqual([]);
    expect(vault.content.pending).toBe(null);
  });

  it('is not waited for where it was answered, and only the vault failed', async () => {
    const clock = fakeClock();
    const sandbox = finicitySandbox({ clock });
    const vault = memoryVault({ current: sandbox.credentials.partnerSecret, pending: null });
    const { secret } = finicity({ ...sandbox.credentials, fetch: sandbox.fetch, clock });
    vault.failAt = 2;
    expect((await errorOf(secret.rotate({ vault, next: NEXT }))).code).toBe('outcome_unknown');
    expect(vault.content.pending).toBe(NEXT);
    await secret.recover({ vault });
    expect(vault.content).toEqual({ current: NEXT, pending: null });
  });

  it('is waited for until the signal of the caller aborts, and both secrets stay', async () => {
    const { clock, sandbox, vault, lose } = product(DAY);
    const { secret } = await lose();
    const controller = new AbortController();
    const ended = errorOf(secret.recover({ vault, signal: controller.signal }));
    await clock.settle(1_000);
    controller.abort();
    expect(await ended).toMatchObject({ code: 'aborted', operation: 'secret.recover', message: expect.stringContaining('both secrets') });
    expect(vault.content.pending).toBe(NEXT);
    expect(sandbox.calls).toEqual([]);
    await clock.settle(MINUTE);
    await secret.recover({ vault });
    expect(vault.content.pending).toBe(null);
  });

  it.each([
    ['has ended the rotation', null, undefined],
    ['has begun another rotation', 'secretOfAnother1', 'conflict'],
  ])('is nothing to decide about where another process %s meanwhile', async (_, pending, code) => {
    const { clock, sandbox, vault, lose } = product(DAY);
    const { secret } = await lose();
    const outcome = secret.recover({ vault }).then(
      () => undefined,
      (error: unknown) => error,
    );
    await clock.settle(1_000);
    const content = { current: NEXT, pending };
    vault.content = content;
    await clock.settle(MINUTE);
    expect(((await outcome) as AuthError | undefined)?.code).toBe(code); // resolves to nothing, or rejects with an `AuthError`
    expect(vault.content).toBe(content);
    expect(sandbox.calls).toEqual([]);
  });
});

describe('a generated secret', () => {
  it('keeps the policy, and is never the same, in 1,000 samples', async () => {
    const { partnerId, partnerSecret, appKey } = finicitySandbox().credentials;
    const { secret } = finicity({ partnerId, partnerSecret, appKey, fetch: async () => new Response(null, { status: 204 }) });
    const samples = new Set<string>();
    for (let sample = 0; sample < 1_000; sample += 1) {
      const vault = memoryVault({ current: partnerSecret, pending: null });
      await secret.rotate({ vault });
      samples.add(vault.content.current);
    }
    expect(samples.size).toBe(1_000);
    expect([...samples].filter((sample) => !POLICY.test(sample))).toEqual([]);
    expect(new Set([...samples].join('')).size).toBe(64);
  });
});

describe('a rotation that reaches nobody', () => {
  it('leaves the old secret and nothing pending when no connection stands', async () => {
    const sandbox = finicitySandbox();
    const { url, close } = await sandbox.listen();
    await close();
    const vault = memoryVault({ current: sandbox.credentials.partnerSecret, pending: null });
    const error = await errorOf(finicity({ ...sandbox.credentials, baseUrl: url }).secret.rotate({ vault }));
    expect(error).toMatchObject({ code: 'unavailable', retryable: true });
    expect(vault.content).toEqual({ current: sandbox.credentials.partnerSecret, pending: null });
  });
});
