import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { brokenStore, errorOf, openVendor, permanent, START, type Vendor } from '../test/setup.ts';
import type { BudgeaProvider, SignedWebhook } from './index.ts';

const KEY = 'a+key/of=the console';
const PATH = '/webhooks/budgea';
const BODY = '{"user":{"id":1,"name":"é"},"connection":{"id":7}}';
const DATE = new Date(START).toISOString();

/** Computed by another implementation. */
const sign = (key: string, path: string, date: string, body: string | Uint8Array): string =>
  createHmac('sha256', key).update(`POST.${path}.${date}.`).update(body).digest('base64');

const headersOf = (date = DATE, signature = sign(KEY, PATH, date, BODY)): Record<string, string> => ({
  'BI-Signature': signature,
  'BI-Signature-Date': date,
});

describe('webhooks', () => {
  let vendor: Vendor;
  let provider: BudgeaProvider;
  beforeEach(async () => {
    vendor = await openVendor({ profile: 'powens', way: 'in process' });
    provider = vendor.provider();
  });
  afterEach(() => vendor.close());

  const how: SignedWebhook = { path: PATH, secret: KEY };

  describe('that are signed', () => {
    it('are known by a signature that was computed once and for all', async () => {
      const given = { 'bi-signature': 'Pu3+9yD2I+h9StP6/lfD3NLM/w5syBiMn0rDFGmiPAs=', 'bi-signature-date': '2026-01-15T12:00:00Z' };
      expect(await provider.webhooks.verify('{"id":1}', given, { path: '/hook', secret: 'secret-key' })).toBe(true);
    });

    it.each<[string, string | Uint8Array<ArrayBuffer>]>([
      ['text', BODY],
      ['bytes', new TextEncoder().encode(BODY)],
      ['nothing', ''],
      ['bytes that are no text', new Uint8Array([0xff, 0, 0xfe])],
    ])('are verified with a body of %s', async (_, body) => {
      expect(await provider.webhooks.verify(body, headersOf(DATE, sign(KEY, PATH, DATE, body)), how)).toBe(true);
      expect(await provider.webhooks.verify('other', headersOf(DATE, sign(KEY, PATH, DATE, body)), how)).toBe(false);
    });

    it('are verified with headers of any kind', async () => {
      const [signature, date] = Object.values(headersOf());
      for (const headers of [
        new Headers(headersOf()),
        { get: (name: string) => new Headers(headersOf()).get(name) },
        { 'bi-signature': signature, 'bi-signature-date': date },
        { 'Bi-Signature': [signature ?? ''], 'BI-SIGNATURE-DATE': [date ?? ''], cookie: undefined },
      ])
        expect(await provider.webhooks.verify(BODY, headers, how)).toBe(true);
    });

    it('are verified with the URL of the endpoint too, and without its query', async () => {
      for (const path of [`https://app.example${PATH}`, `https://app.example:8443${PATH}?a=b`, `${PATH}?a=b#c`])
        expect(await provider.webhooks.verify(BODY, headersOf(), { ...how, path })).toBe(true);
    });

    it('are verified with any of several keys, and with keys from a function', async () => {
      expect(await provider.webhooks.verify(BODY, headersOf(), { ...how, secret: ['next', async () => KEY] })).toBe(true);
      expect(await provider.webhooks.verify(BODY, headersOf(), { ...how, secret: ['next', 'last'] })).toBe(false);
    });

    it.each<[string, () => [string, Record<string, string | string[]>, SignedWebhook]]>([
      ['another body', () => [`${BODY} `, headersOf(), how]],
      ['another path', () => [BODY, headersOf(), { ...how, path: `${PATH}/` }]],
      ['another key', () => [BODY, headersOf(), { ...how, secret: `${KEY}x` }]],
      ['another date than was signed', () => [BODY, { ...headersOf(), 'BI-Signature-Date': new Date(START + 1000).toISOString() }, how]],
      ['no signature', () => [BODY, { 'BI-Signature-Date': DATE }, how]],
      ['no date', () => [BODY, { 'BI-Signature': sign(KEY, PATH, DATE, BODY) }, how]],
      ['an empty signature', () => [BODY, headersOf(DATE, ''), how]],
      [
        'a signature in hexadecimals',
        () => [BODY, headersOf(DATE, Buffer.from(sign(KEY, PATH, DATE, BODY), 'base64').toString('hex')), how],
      ],
      ['half a signature', () => [BODY, headersOf(DATE, sign(KEY, PATH, DATE, BODY).slice(0, 20)), how]],
      ['a signature that is no base64', () => [BODY, headersOf(DATE, `${'é'.repeat(43)}=`), how]],
      ['two signatures', () => [BODY, { ...headersOf(), 'BI-Signature': [sign(KEY, PATH, DATE, BODY), 'x'] }, how]],
      ['two signatures in one line', () => [BODY, headersOf(DATE, `${sign(KEY, PATH, DATE, BODY)}, x`), how]],
      ['a signature under two names', () => [BODY, { ...headersOf(), 'bi-signature': sign(KEY, PATH, DATE, BODY) }, how]],
    ])('are refused with %s', async (_, given) => {
      expect(await provider.webhooks.verify(...given())).toBe(false);
    });

    it.each([
      ['ISO 8601', '2026-01-15T12:00:00Z'],
      ['ISO 8601 with fractions and an offset', '2026-01-15T13:00:00.123456+01:00'],
      ['an HTTP date', 'Thu, 15 Jan 2026 12:00:00 GMT'],
      ['seconds', String(START / 1000)],
      ['milliseconds', String(START)],
      ['Greenwich time without a zone', '2026-01-15 12:00:00'],
      ['Paris time without a zone', '2026-01-15 13:00:00'],
    ])('are taken with a date in %s, while it is recent', async (_, date) => {
      expect(await provider.webhooks.verify(BODY, headersOf(date), how)).toBe(true);
      vendor.clock.advance(299_000);
      expect(await provider.webhooks.verify(BODY, headersOf(date), how)).toBe(true);
      vendor.clock.advance(2_000);
      expect(await provider.webhooks.verify(BODY, headersOf(date), how)).toBe(false);
    });

    it('are refused when they come from the future, or with a date that cannot be read', async () => {
      for (const date of [new Date(START + 301_000).toISOString(), 'yesterday', '2026', '', '2026-13-45T12:00:00Z'])
        expect(await provider.webhooks.verify(BODY, headersOf(date), how)).toBe(false);
    });

    it('are taken with the tolerance that is asked for', async () => {
      vendor.clock.advance(60_000);
      expect(await provider.webhooks.verify(BODY, headersOf(), { ...how, tolerance: 59_999 })).toBe(false);
      expect(await provider.webhooks.verify(BODY, headersOf(), { ...how, tolerance: 60_000 })).toBe(true);
      expect(await provider.webhooks.verify(BODY, headersOf('some day'), { ...how, tolerance: Number.POSITIVE_INFINITY })).toBe(true);
    });

    it.each<[string, SignedWebhook['secret']]>([
      ['an empty text', ''],
      ['none', []],
      ['an empty one among others', [KEY, '']],
      ['a function that gives none', () => ' '],
    ])('reject with misconfigured when the key is %s', async (_, secret) => {
      expect(await errorOf(provider.webhooks.verify(BODY, headersOf(), { ...how, secret }))).toMatchObject({
        code: 'misconfigured',
        operation: 'webhooks.verify',
      });
    });

    it.each<{ given: unknown }>([{ given: undefined }, { given: [undefined] }, { given: [KEY, undefined] }])(
      'reject with misconfigured for $given, as a missing variable is one',
      async ({ given }) => {
        const secret = given as string; // what `process.env.KEY as string` is when nobody has set it
        expect(await errorOf(provider.webhooks.verify(BODY, headersOf(), { ...how, secret }))).toMatchObject({ code: 'misconfigured' });
      },
    );

    it('reject with unavailable when the function that gives the key fails', async () => {
      const secret = () => Promise.reject(new Error(KEY));
      const error = await errorOf(provider.webhooks.verify(BODY, headersOf(), { ...how, secret }));
      expect(error).toMatchObject({ code: 'unavailable', operation: 'webhooks.verify' });
      expect(error.message).not.toContain(KEY);
    });
  });

  describe('that carry the token of a user', () => {
    const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });

    it('are known by the stored token, and send nothing', async () => {
      const { id } = await provider.users.create({ reference: 'a' });
      const { value } = await provider.asUser(id).token();
      const before = vendor.sent.length;
      expect(await provider.webhooks.verify(BODY, bearer(value), { userId: id })).toBe(true);
      for (const other of [`${value}x`, value.slice(1), value.toLowerCase(), 'x'])
        expect(await provider.webhooks.verify(BODY, bearer(other), { userId: id })).toBe(false);
      expect(vendor.sent).toHaveLength(before);
    });

    it('are refused with the token of another user', async () => {
      await provider.userTokens.adopt('1', permanent('one'));
      await provider.userTokens.adopt('2', permanent('other'));
      expect(await provider.webhooks.verify(BODY, bearer('other'), { userId: '1' })).toBe(false);
    });

    it('are refused without a stored token, without a token, and with something other than a Bearer', async () => {
      expect(await provider.webhooks.verify(BODY, bearer('a'), { userId: '1' })).toBe(false);
      await provider.userTokens.adopt('1', permanent('a'));
      for (const headers of [
        {},
        { authorization: '' },
        { authorization: 'a' },
        { authorization: 'Basic a' },
        { authorization: ['Bearer a', 'Bearer a'] },
      ])
        expect(await provider.webhooks.verify(BODY, headers, { userId: '1' })).toBe(false);
    });

    it('reject when the stored token cannot be read, and for what is no user', async () => {
      const fragile = vendor.provider({ store: brokenStore });
      expect(await errorOf(fragile.webhooks.verify(BODY, bearer('a'), { userId: '1' }))).toMatchObject({
        code: 'store_unavailable',
        operation: 'webhooks.verify',
      });
      expect(await errorOf(provider.webhooks.verify(BODY, bearer('a'), { userId: 'me' }))).toMatchObject({ code: 'invalid_request' });
    });
  });
});
