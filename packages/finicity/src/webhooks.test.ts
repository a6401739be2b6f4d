import { createHmac } from 'node:crypto';
import type { Fetch } from '@auth/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { type MemoryVault, memoryVault } from '../test/vaults.ts';
import { DAY, errorOf, NEXT, openVendor, type Vendor } from '../test/vendor.ts';
import type { FinicityOptions, FinicityProvider, WebhookHeaders } from './index.ts';

const BODY = '{"eventType":"added","eventId":"1729-0a","payload":{"name":"Zoë & Söhne"}}\n';

/** Computed with a different library from the code's. */
const signed = (secret: string, body: string | Uint8Array = BODY): string => createHmac('sha256', secret).update(body).digest('hex');
const signature = (hex: string): WebhookHeaders => ({ 'x-finicity-signature': hex });

let vendor: Vendor;
let vault: MemoryVault;
let old: string;
let provider: FinicityProvider;

const another = (options: Partial<FinicityOptions> = {}): FinicityProvider =>
  vendor.provider({ partnerSecret: () => vault.content.current, ...options });
beforeEach(() => {
  vendor = openVendor();
  old = vendor.sandbox.credentials.partnerSecret;
  vault = memoryVault(old);
  provider = another();
});

/** Which of the two secrets may have signed an event. */
const accepted = async (): Promise<readonly boolean[]> =>
  Promise.all([old, NEXT].map((secret) => provider.webhooks.verify(BODY, signature(signed(secret)))));

describe('verify', () => {
  it('accepts what the partner secret has signed, and nothing else, and sends nothing', async () => {
    expect([await accepted(), vendor.sandbox.calls]).toEqual([[true, false], []]);
  });

  it.each([
    ['text', BODY],
    ['bytes', new TextEncoder().encode(BODY)],
    ["Node's bytes", Buffer.from(BODY)],
    ['a part of a larger buffer', Buffer.from(`xx${BODY}xx`).subarray(2, -2)],
    ['bytes that are no text', new Uint8Array([0xff, 0x00, 0xfe])],
    ['nothing', ''],
  ])('takes the body as %s, as it was received', async (_, body) => {
    expect(await provider.webhooks.verify(body, signature(signed(old, body)))).toBe(true);
    for (const other of ['{}', JSON.stringify(JSON.parse(BODY))])
      expect(await provider.webhooks.verify(other, signature(signed(old, body)))).toBe(false);
  });

  it.each<[string, (hex: string) => WebhookHeaders]>([
    ["the standard's headers", (hex) => new Headers({ 'X-Finicity-Signature': hex })],
    ["Node's headers", (hex) => ({ 'content-type': 'application/json', ...signature(hex) })],
    ['names as they were sent', (hex) => ({ 'X-Finicity-Signature': hex })],
    ['another case', (hex) => ({ 'X-FINICITY-SIGNATURE': hex })],
    ['a list of one', (hex) => ({ 'x-finicity-signature': [hex] })],
    ['upper-case digits', (hex) => signature(hex.toUpperCase())],
    ['absent ones beside it', (hex) => ({ 'x-other': undefined, ...signature(hex) })],
  ])('reads the signature from %s', async (_, headers) => {
    expect(await provider.webhooks.verify(BODY, headers(signed(old)))).toBe(true);
    expect(await provider.webhooks.verify(BODY, headers(signed(NEXT)))).toBe(false);
  });

  it.each<[string, (hex: string) => WebhookHeaders]>([
    ['missing', () => ({})],
    ['missing in the standard’s headers', () => new Headers()],
    ['undefined', () => ({ 'x-finicity-signature': undefined })],
    ['empty', () => signature('')],
    ['an empty list', () => ({ 'x-finicity-signature': [] })],
    ['repeated', (hex) => ({ 'x-finicity-signature': [hex, hex] })],
    ['repeated in another case', (hex) => ({ 'X-Finicity-Signature': hex, ...signature(hex) })],
    ['repeated in the standard’s headers', (hex) => new Headers([hex, hex].map((one) => ['x-finicity-signature', one]))],
    ['too short', (hex) => signature(hex.slice(1))],
    ['too long', (hex) => signature(`${hex}00`)],
    ['not hexadecimal', (hex) => signature(`${hex.slice(0, 63)}g`)],
    ['base64', (hex) => signature(Buffer.from(hex, 'hex').toString('base64'))],
    ['with a scheme', (hex) => signature(`sha256=${hex}`)],
    ['with spaces', (hex) => signature(` ${hex}`)],
    ['with a line break', (hex) => signature(`${hex}\n`)],
    ['a megabyte', () => signature('a'.repeat(2 ** 20))],
    ['in another header', (hex) => ({ 'x-signature': hex, 'txpush-signature': hex })],
  ])('is false when the signature is %s, and asks for no secret', async (_, headers) => {
    const one = another({ partnerSecret: () => expect.unreachable('The secret was asked for.') });
    expect(await one.webhooks.verify(BODY, headers(signed(old)))).toBe(false);
  });

  it.each([undefined, null, {}, [], 17])('is false for a body that some parser has made %j of', async (body) => {
    expect(await provider.webhooks.verify(body as unknown as string, signature(signed(old, '')))).toBe(false); // as plain JavaScript may
  });

  it.each([
    ['cannot be read', () => Promise.reject(new Error(`vault: ${NEXT}`)), 'unavailable'],
    ['has a line break', () => `${NEXT}\n`, 'misconfigured'],
  ])('rejects rather than refuse a genuine event when the secret %s, and says nothing of why', async (_, partnerSecret, code) => {
    const error = await errorOf(another({ partnerSecret }).webhooks.verify(BODY, signature(signed(old))));
    expect(error).toMatchObject({ code, provider: 'finicity', operation: 'webhooks.verify' });
    expect(String(error)).not.toContain(NEXT);
  });

  it('accepts what any of the given secrets has signed and then no other, and never takes an empty secret for one', async () => {
    const verify = (secret: string, ...secrets: readonly string[]): Promise<boolean> =>
      provider.webhooks.verify(BODY, signature(signed(secret)), { secrets });
    expect([await verify(NEXT, old, NEXT), await verify(old, old, NEXT), await verify(old, NEXT), await verify(old)]).toEqual([
      ...[true, true],
      ...[false, false],
    ]);
    expect([await verify('', ''), await verify('', '', old)]).toEqual([false, false]);
  });
});

describe('during a rotation', () => {
  it('both secrets are accepted by the process that rotates, from the request on', async () => {
    const during: unknown[] = [];
    const watched: Fetch = async (input, init) => {
      const response = await vendor.sandbox.fetch(input, init);
      during.push(await accepted());
      return response;
    };
    provider = another({ fetch: watched });
    await provider.secret.rotate({ vault, next: NEXT, keepOldFor30Days: false });
    expect([during, await accepted()]).toEqual([[[true, true]], [true, true]]);
    expect(await provider.webhooks.secrets()).toEqual([NEXT, old]);
  });

  it('a process that only receives events knows the old secret for 30 days after it was last the current one', async () => {
    await accepted();
    vendor.clock.advance(DAY);
    expect(await accepted()).toEqual([true, false]);
    await another().secret.rotate({ vault, next: NEXT });
    // The wall clock does not shorten that.
    vendor.clock.step(60 * DAY);
    expect(await accepted()).toEqual([true, true]);
    vendor.clock.advance(30 * DAY - 1);
    expect(await accepted()).toEqual([true, true]);
    vendor.clock.advance(1);
    expect(await accepted()).toEqual([false, true]);
  });

  it('a process that was started in between knows both from the vault', async () => {
    vault.content = { current: old, pending: NEXT };
    expect([await provider.webhooks.secrets(), await provider.webhooks.secrets({ vault })]).toEqual([[old], [old, NEXT]]);
    vault.content = { current: NEXT, pending: null };
    expect(await another().webhooks.secrets({ vault })).toEqual([NEXT]);
    expect(await another({ partnerSecret: old }).webhooks.secrets({ vault })).toEqual([old, NEXT]);
  });

  it('both secrets are accepted after `recover` has found out that the new one works', async () => {
    vault.content = { current: old, pending: NEXT };
    await provider.api.modifyPartnerSecret({ ...vendor.sandbox.credentials, newPartnerSecret: NEXT });
    await provider.secret.recover({ vault });
    expect(await accepted()).toEqual([true, true]);
  });

  it('a vault that cannot be read is an error without its words', async () => {
    const broken = { ...vault, read: () => Promise.reject(new Error(NEXT)) };
    const error = await errorOf(provider.webhooks.secrets({ vault: broken }));
    expect(error).toMatchObject({ code: 'unavailable', operation: 'webhooks.secrets' });
    expect(String(error)).not.toContain(NEXT);
  });

  it('a function that gives another secret each time makes the list no longer than four', async () => {
    let count = 0;
    const partnerSecret = (): string => {
      count += 1;
      return `secret${count}`;
    };
    provider = another({ partnerSecret });
    for (let round = 0; round < 10; round += 1) await provider.webhooks.secrets();
    expect(await provider.webhooks.secrets()).toEqual(['secret11', 'secret10', 'secret9', 'secret8']);
  });
});
