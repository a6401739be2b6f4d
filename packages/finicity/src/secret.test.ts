import type { Fetch, SecretVault } from '@auth/core';
import { AuthError } from '@auth/core';
import { type FakeClock, fakeClock } from '@auth/core/testing';
import { type FaultReply, type FinicitySandbox, type FinicitySandboxOptions, finicitySandbox, type Listening } from '@auth/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FinicityProvider, finicity } from './index.ts';

const DAY = 24 * 3_600_000;
const NEXT = 'brandNewSecret_1';
const WRONG = 'wrongWrongWrong12345';
const POLICY = /^(?=.*[A-Za-z])(?=.*[0-9])[A-Za-z0-9!@#$%&*_+-]{12,255}$/;

interface Content {
  readonly current: string;
  readonly pending: string | null;
}

/** A vault in memory that can fail, and the journal of what was written. */
const memoryVault = (content: Content, journal: unknown[] = []): SecretVault & { content: Content; failAt: number } => {
  let writes = 0;
  const vault = {
    content,
    failAt: 0,
    read: async () => vault.content,
    write: async (next: Content) => {
      writes += 1;
      if (writes === vault.failAt) throw new Error('The vault is sealed.');
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
  const another = (options: { readonly appKey?: string; readonly partnerId?: string } = {}): FinicityProvider => {
    const carry: Fetch = server ? fetch : sandbox.fetch;
    return finicity({
      ...sandbox.credentials,
      partnerSecret: () => vault.content.current,
      baseUrl: server?.url,
      clock,
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
  /** Whether the vendor accepts it now. Asked in process, so that it is in no journal. */
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
      await expect(provider.secret.rotate({ vault, next: NEXT })).rejects.toThrow('sealed');
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
      ['the vendor fails (503)', { kind: 'status', status: 503, body: '<html>' }, 'unavailable'],
      ['the vendor times out (408)', { kind: 'status', status: 408, body: '{"code":10030}' }, 'outcome_unknown'],
    ] as const)('leaves the secret pending when %s, as it may be the one that works', async (_, reply, code) => {
      fail(reply);
      const error = await errorOf(provider.secret.rotate({ vault, next: NEXT }));
      expect(error.code).toBe(code);
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

  describe('recover', () => {
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
      await expect(provider.secret.rotate({ vault, next: NEXT, keepOldFor30Days: false })).rejects.toThrow('sealed');
      expect(vault.content).toEqual({ current: old, pending: NEXT });
      await provider.secret.recover({ vault });
      expect(vault.content).toEqual({ current: NEXT, pending: null });
      expect(sandbox.failedAttempts).toBe(0);
    });

    it('may be repeated when it was interrupted itself', async () => {
      fail({ kind: 'lost' });
      await errorOf(provider.secret.rotate({ vault, next: NEXT, keepOldFor30Days: false }));
      vault.failAt = 2;
      await expect(provider.secret.recover({ vault })).rejects.toThrow('sealed');
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
