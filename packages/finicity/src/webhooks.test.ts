import { createHmac } from 'node:crypto';
import type { Fetch, SecretVault } from '@auth/core';
import { AuthError } from '@auth/core';
import { type FakeClock, fakeClock } from '@auth/core/testing';
import { type FinicitySandbox, finicitySandbox } from '@auth/sandbox';
import { beforeEach, describe, expect, it } from 'vitest';
import { hurried } from '../test/hurried-clock.ts';
import { type FinicityProvider, finicity, type WebhookHeaders } from './index.ts';

const DAY = 24 * 3_600_000;
const NEXT = 'brandNewSecret_1';
const BODY = '{"eventType":"added","eventId":"1729-0a","payload":{"name":"Zoë & Söhne"}}\n';

/** Computed with a different library from the code's. */
const signed = (secret: string, body: string | Uint8Array = BODY): string => createHmac('sha256', secret).update(body).digest('hex');

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    (value) => `resolved to ${value}`,
    (error: unknown) => (AuthError.is(error) ? error.code : `not an AuthError: ${error}`),
  );

describe('webhooks', () => {
  let clock: FakeClock;
  let sandbox: FinicitySandbox;
  let vault: SecretVault & { content: { readonly current: string; readonly pending: string | null } };
  let old: string;
  let provider: FinicityProvider;

  const another = (
    partnerSecret: string | (() => string | Promise<string>) = () => vault.content.current,
    fetch?: Fetch,
  ): FinicityProvider => finicity({ ...sandbox.credentials, partnerSecret, clock: hurried(clock), fetch: fetch ?? sandbox.fetch });

  beforeEach(() => {
    clock = fakeClock({ now: Date.UTC(2026, 0, 1) });
    sandbox = finicitySandbox({ clock });
    old = sandbox.credentials.partnerSecret;
    const place = {
      content: { current: old, pending: null },
      read: async () => place.content,
      write: async (content: typeof vault.content) => {
        place.content = content;
      },
    } as typeof vault;
    vault = place;
    provider = another();
  });

  const accepts = (secret: string): Promise<boolean> => provider.webhooks.verify(BODY, { 'x-finicity-signature': signed(secret) });

  describe('verify', () => {
    it('accepts what the partner secret has signed, and nothing else', async () => {
      expect([await accepts(old), await accepts(NEXT)]).toEqual([true, false]);
    });

    it('computes what the test cases of RFC 4231 say', async () => {
      const secrets = ['Jefe'];
      const hex = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
      const verify = (body: string, signature: string): Promise<boolean> =>
        provider.webhooks.verify(body, { 'x-finicity-signature': signature }, { secrets });
      expect(await verify('what do ya want for nothing?', hex)).toBe(true);
      expect(await verify('what do ya want for nothing!', hex)).toBe(false);
      expect(await verify('what do ya want for nothing?', hex.replace('5b', '5c'))).toBe(false);
    });

    it.each([
      ['text', BODY],
      ['bytes', new TextEncoder().encode(BODY)],
      ["Node's bytes", Buffer.from(BODY)],
      ['a part of a larger buffer', Buffer.from(`xx${BODY}xx`).subarray(2, -2)],
      ['bytes that are no text', new Uint8Array([0xff, 0x00, 0xfe])],
      ['nothing', ''],
    ])('takes the body as %s', async (_, body) => {
      const headers = { 'x-finicity-signature': signed(old, body) };
      expect(await provider.webhooks.verify(body, headers)).toBe(true);
      expect(await provider.webhooks.verify('{}', headers)).toBe(false);
    });

    it('is about the body as it was received, not as it could be written too', async () => {
      const headers = { 'x-finicity-signature': signed(old) };
      expect(await provider.webhooks.verify(JSON.stringify(JSON.parse(BODY)), headers)).toBe(false);
    });

    it.each<[string, (hex: string) => WebhookHeaders]>([
      ["the standard's headers", (hex) => new Headers({ 'X-Finicity-Signature': hex })],
      ["Node's headers", (hex) => ({ 'content-type': 'application/json', 'x-finicity-signature': hex })],
      ['names as they were sent', (hex) => ({ 'X-Finicity-Signature': hex })],
      ['another case', (hex) => ({ 'X-FINICITY-SIGNATURE': hex })],
      ['a list of one', (hex) => ({ 'x-finicity-signature': [hex] })],
      ['upper-case digits', (hex) => ({ 'x-finicity-signature': hex.toUpperCase() })],
      ['absent ones beside it', (hex) => ({ 'x-other': undefined, 'x-finicity-signature': hex })],
    ])('reads the signature from %s', async (_, headers) => {
      expect(await provider.webhooks.verify(BODY, headers(signed(old)))).toBe(true);
      expect(await provider.webhooks.verify(BODY, headers(signed(NEXT)))).toBe(false);
    });

    it.each<[string, (hex: string) => WebhookHeaders]>([
      ['missing', () => ({})],
      ['missing in the standard’s headers', () => new Headers()],
      ['undefined', () => ({ 'x-finicity-signature': undefined })],
      ['empty', () => ({ 'x-finicity-signature': '' })],
      ['an empty list', () => ({ 'x-finicity-signature': [] })],
      ['repeated', (hex) => ({ 'x-finicity-signature': [hex, hex] })],
      ['repeated in another case', (hex) => ({ 'x-finicity-signature': hex, 'X-Finicity-Signature': hex })],
      [
        'repeated in the standard’s headers',
        (hex) =>
          new Headers([
            ['x-finicity-signature', hex],
            ['x-finicity-signature', hex],
          ]),
      ],
      ['too short', (hex) => ({ 'x-finicity-signature': hex.slice(1) })],
      ['too long', (hex) => ({ 'x-finicity-signature': `${hex}00` })],
      ['not hexadecimal', (hex) => ({ 'x-finicity-signature': `${hex.slice(0, 63)}g` })],
      ['base64', (hex) => ({ 'x-finicity-signature': Buffer.from(hex, 'hex').toString('base64') })],
      ['with a scheme', (hex) => ({ 'x-finicity-signature': `sha256=${hex}` })],
      ['with spaces', (hex) => ({ 'x-finicity-signature': ` ${hex}` })],
      ['with a line break', (hex) => ({ 'x-finicity-signature': `${hex}\n` })],
      ['a megabyte', () => ({ 'x-finicity-signature': 'a'.repeat(2 ** 20) })],
      ['in another header', (hex) => ({ 'x-signature': hex, 'txpush-signature': hex })],
    ])('is false when the signature is %s', async (_, headers) => {
      expect(await provider.webhooks.verify(BODY, headers(signed(old)))).toBe(false);
    });

    it.each([undefined, null, {}, [], 17])('is false for a body that some parser has made %j of', async (body) => {
      const headers = { 'x-finicity-signature': signed(old, '') };
      expect(await provider.webhooks.verify(body as unknown as string, headers)).toBe(false); // as plain JavaScript may
    });

    it('asks for no secret when the signature has the wrong form', async () => {
      const asked = another(() => Promise.reject(new Error('The secret was asked for.')));
      expect(await asked.webhooks.verify(BODY, {})).toBe(false);
    });

    it('rejects rather than refuse a genuine event when the secret cannot be read, and says nothing of why', async () => {
      const blind = another(() => Promise.reject(new Error(`vault: ${NEXT}`)));
      const call = blind.webhooks.verify(BODY, { 'x-finicity-signature': signed(old) });
      await expect(call).rejects.toMatchObject({ code: 'unavailable', provider: 'finicity', operation: 'webhooks.verify' });
      await expect(call).rejects.not.toThrow(NEXT);
    });

    it('sends nothing', async () => {
      await accepts(old);
      expect(sandbox.calls).toEqual([]);
    });

    it('accepts what any of the given secrets has signed, and then no other', async () => {
      const verify = (secret: string, secrets: readonly string[]): Promise<boolean> =>
        provider.webhooks.verify(BODY, { 'x-finicity-signature': signed(secret) }, { secrets });
      expect([await verify(NEXT, [old, NEXT]), await verify(old, [old, NEXT]), await verify(old, [NEXT])]).toEqual([true, true, false]);
      expect(await verify(old, [])).toBe(false);
    });

    it('never takes an empty secret for one, as anybody can sign with it', async () => {
      const headers = { 'x-finicity-signature': signed('') };
      expect(await provider.webhooks.verify(BODY, headers, { secrets: [''] })).toBe(false);
      expect(await provider.webhooks.verify(BODY, headers, { secrets: ['', old] })).toBe(false);
    });
  });

  describe('during a rotation', () => {
    it.each([true, false])(
      'both secrets are accepted by the process that rotates, from the request on (keepOldFor30Days: %s)',
      async (keepOldFor30Days) => {
        const during: (readonly [boolean, boolean])[] = [];
        provider = another(undefined, async (input, init) => {
          const response = await sandbox.fetch(input, init);
          during.push([await accepts(old), await accepts(NEXT)]);
          return response;
        });
        await provider.secret.rotate({ vault, next: NEXT, keepOldFor30Days });
        expect(during).toEqual([[true, true]]);
        expect([await accepts(old), await accepts(NEXT)]).toEqual([true, true]);
        expect(await provider.webhooks.secrets()).toEqual([NEXT, old]);
      },
    );

    it('a process that only receives events knows the old secret for 30 days after it was last the current one', async () => {
      expect(await accepts(old)).toBe(true);
      clock.advance(DAY);
      expect(await accepts(old)).toBe(true);
      await another().secret.rotate({ vault, next: NEXT });
      expect([await accepts(old), await accepts(NEXT)]).toEqual([true, true]);
      clock.advance(30 * DAY - 1);
      expect(await accepts(old)).toBe(true);
      clock.advance(1);
      expect([await accepts(old), await accepts(NEXT)]).toEqual([false, true]);
    });

    it('the wall clock does not shorten that', async () => {
      await accepts(old);
      vault.content = { current: NEXT, pending: null };
      clock.step(60 * DAY);
      expect(await accepts(old)).toBe(true);
    });

    it('a process that was started in between knows both from the vault', async () => {
      vault.content = { current: old, pending: NEXT };
      expect(await provider.webhooks.secrets()).toEqual([old]);
      expect(await provider.webhooks.secrets({ vault })).toEqual([old, NEXT]);
      vault.content = { current: NEXT, pending: null };
      expect(await another().webhooks.secrets({ vault })).toEqual([NEXT]);
    });

    it('both secrets are accepted after `recover` has found out', async () => {
      vault.content = { current: old, pending: NEXT };
      await provider.api.modifyPartnerSecret({ ...sandbox.credentials, newPartnerSecret: NEXT });
      await provider.secret.recover({ vault });
      expect([await accepts(old), await accepts(NEXT)]).toEqual([true, true]);
    });

    it('a vault that cannot be read is an error without its words', async () => {
      const broken: SecretVault = { ...vault, read: () => Promise.reject(new Error(NEXT)) };
      const error: unknown = await provider.webhooks.secrets({ vault: broken }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'unavailable', operation: 'webhooks.secrets' });
      expect(String(error)).not.toContain(NEXT);
    });

    it('a function that gives another secret each time makes the list no longer than four', async () => {
      let count = 0;
      provider = another(() => {
        count += 1;
        return `secret${count}`;
      });
      for (let round = 0; round < 100; round += 1) await provider.webhooks.secrets();
      expect(await provider.webhooks.secrets()).toEqual(['secret101', 'secret100', 'secret99', 'secret98']);
    });
  });
});

describe('a partner secret', () => {
  it.each(['aqJ5Ic4SEVx2IgDQ6oR4\n', ' aqJ5Ic4SEVx2IgDQ6oR4', 'aqJ5 Ic4S', '\uFEFFaqJ5Ic4SEVx2IgDQ6oR4'])(
    'with white space, %j, costs no attempt: it is named before anything is sent',
    async (partnerSecret) => {
      const sandbox = finicitySandbox();
      const { application, webhooks } = finicity({ ...sandbox.credentials, partnerSecret, fetch: sandbox.fetch });
      expect(await codeOf(application.token())).toBe('misconfigured');
      expect(await codeOf(webhooks.verify(BODY, { 'x-finicity-signature': signed(partnerSecret) }))).toBe('misconfigured');
      expect(sandbox.calls).toEqual([]);
    },
  );
});
