import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { brokenStore, errorOf, openUser, openVendor, permanent, START } from '../test/setup.ts';
import type { SignedWebhook, WebhookHeaders } from './index.ts';

const KEY = 'a+key/of=the console';
const PATH = '/webhooks/budgea';
const BODY = '{"user":{"id":1,"name":"é"},"connection":{"id":7}}';
const DATE = new Date(START).toISOString();
const how: SignedWebhook = { path: PATH, secret: KEY };

/** Computed by another implementation. */
const sign = (key: string, path: string, date: string, body: string | Uint8Array): string =>
  createHmac('sha256', key).update(`POST.${path}.${date}.`).update(body).digest('base64');

const SIGNATURE = sign(KEY, PATH, DATE, BODY);
const headersOf = (date = DATE, signature = sign(KEY, PATH, date, BODY)) => ({ 'BI-Signature': signature, 'BI-Signature-Date': date });

describe('webhooks that are signed', () => {
  const verify = (
    headers: WebhookHeaders = headersOf(),
    changes: Partial<SignedWebhook> = {},
    body: string | Uint8Array<ArrayBuffer> = BODY,
  ) =>
    openVendor()
      .provider()
      .webhooks.verify(body, headers, { ...how, ...changes });

  it('are known by a signature that was computed once and for all', async () => {
    const given = { 'bi-signature': 'Pu3+9yD2I+h9StP6/lfD3NLM/w5syBiMn0rDFGmiPAs=', 'bi-signature-date': '2026-01-15T12:00:00Z' };
    expect(await verify(given, { path: '/hook', secret: 'secret-key' }, '{"id":1}')).toBe(true);
  });

  it.each<[string, string | Uint8Array<ArrayBuffer>]>([
    ['text', BODY],
    ['bytes', new TextEncoder().encode(BODY)],
    ['nothing', ''],
    ['bytes that are no text', new Uint8Array([0xff, 0, 0xfe])],
  ])('are verified with a body of %s', async (_, body) => {
    const headers = headersOf(DATE, sign(KEY, PATH, DATE, body));
    expect(await verify(headers, {}, body)).toBe(true);
    expect(await verify(headers, {}, 'other')).toBe(false);
  });

  it.each<[string, WebhookHeaders, Partial<SignedWebhook>]>([
    ['Headers', new Headers(headersOf()), {}],
    ['headers of a framework', { get: (name: string) => new Headers(headersOf()).get(name) }, {}],
    ['names in small letters', { 'bi-signature': SIGNATURE, 'bi-signature-date': DATE }, {}],
    ['lists of one value', { 'Bi-Signature': [SIGNATURE], 'BI-SIGNATURE-DATE': [DATE], cookie: undefined }, {}],
    ['the URL of the endpoint', headersOf(), { path: `https://app.example${PATH}` }],
    ['the URL with a port and a query', headersOf(), { path: `HTTPS://app.example:8443${PATH}?a=b` }],
    ['the path with a query', headersOf(), { path: `${PATH}?a=b#c` }],
    ['one of several keys, from a function', headersOf(), { secret: ['next', async () => KEY] }],
    ['any date, where that is asked for', headersOf('some day'), { tolerance: Number.POSITIVE_INFINITY }],
  ])('are verified with %s', async (_, headers, changes) => {
    expect(await verify(headers, changes)).toBe(true);
  });

  it.each<[string, WebhookHeaders, Partial<SignedWebhook>?, string?]>([
    ['another body', headersOf(), {}, `${BODY} `],
    ['another path', headersOf(), { path: `${PATH}/` }],
    ['another key', headersOf(), { secret: `${KEY}x` }],
    ['several other keys', headersOf(), { secret: ['next', 'last'] }],
    ['another date than was signed', { ...headersOf(), 'BI-Signature-Date': new Date(START + 1000).toISOString() }],
    ['no signature', { 'BI-Signature-Date': DATE }],
    ['no date', { 'BI-Signature': SIGNATURE }],
    ['no date, whatever the tolerance', { 'BI-Signature': SIGNATURE }, { tolerance: Number.POSITIVE_INFINITY }],
    ['an empty signature', headersOf(DATE, '')],
    ['a signature in hexadecimals', headersOf(DATE, Buffer.from(SIGNATURE, 'base64').toString('hex'))],
    ['half a signature', headersOf(DATE, SIGNATURE.slice(0, 20))],
    ['a signature that is no base64', headersOf(DATE, `${'é'.repeat(43)}=`)],
    ['two signatures', { ...headersOf(), 'BI-Signature': [SIGNATURE, 'x'] }],
    ['two signatures in one line', headersOf(DATE, `${SIGNATURE}, x`)],
    ['a signature under two names', { ...headersOf(), 'bi-signature': SIGNATURE }],
    ['a date in the future', headersOf(new Date(START + 301_000).toISOString())],
    ['a date that is a word', headersOf('yesterday')],
    ['a date that is a year', headersOf('2026')],
    ['an empty date', headersOf('')],
    ['a date that there is not', headersOf('2026-13-45T12:00:00Z')],
  ])('are refused with %s', async (_, headers, changes, body) => {
    expect(await verify(headers, changes, body)).toBe(false);
  });

  it.each([
    ['ISO 8601', '2026-01-15T12:00:00Z'],
    ['ISO 8601 with fractions and an offset', '2026-01-15T13:00:00.123456+01:00'],
    ['an HTTP date', 'Thu, 15 Jan 2026 12:00:00 GMT'],
    ['seconds', String(START / 1000)],
    ['milliseconds', String(START)],
    ['Greenwich time without a zone', '2026-01-15 12:00:00'],
    ['Paris time without a zone', '2026-01-15T13:00:00'],
  ])('are taken with a date in %s, while it is recent', async (_, date) => {
    const { clock, provider } = openVendor();
    const { webhooks } = provider();
    const verified = () => webhooks.verify(BODY, headersOf(date), how);
    expect(await verified()).toBe(true);
    clock.advance(299_000);
    expect(await verified()).toBe(true);
    clock.advance(2_000);
    expect(await verified()).toBe(false);
    expect(await webhooks.verify(BODY, headersOf(), { ...how, tolerance: 300_999 })).toBe(false);
    expect(await webhooks.verify(BODY, headersOf(), { ...how, tolerance: 301_000 })).toBe(true);
  });

  it.each<[string, unknown]>([
    ['an empty text', ''],
    ['none', []],
    ['an empty one among others', [KEY, '']],
    ['a function that gives none', () => ' '],
    // A variable that nobody has set, whatever its type says.
    ['undefined', undefined],
    ['a list of undefined', [undefined]],
    ['undefined among others', [KEY, undefined]],
  ])('reject with misconfigured when the key is %s', async (_, given) => {
    const secret = given as string; // what `process.env.KEY as string` is when nobody has set it
    expect(await errorOf(verify(headersOf(), { secret }))).toMatchObject({ code: 'misconfigured', operation: 'webhooks.verify' });
  });

  it('reject with unavailable when the function that gives the key fails', async () => {
    const error = await errorOf(verify(headersOf(), { secret: () => Promise.reject(new Error(KEY)) }));
    expect(error).toMatchObject({ code: 'unavailable', operation: 'webhooks.verify' });
    expect(error.message).not.toContain(KEY);
  });
});

describe('webhooks that carry the token of a user', () => {
  const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });

  it('are known by the stored token of this user, and send nothing', async () => {
    const { vendor, provider, userId } = await openUser();
    const { value } = await provider.asUser(userId).token();
    await provider.userTokens.adopt('2', permanent('other'));
    const { verify } = provider.webhooks;
    expect(await verify(BODY, bearer(value), { userId })).toBe(true);
    for (const other of [`${value}x`, value.slice(1), value.toLowerCase(), 'x', 'other'])
      expect(await verify(BODY, bearer(other), { userId })).toBe(false);
    expect(vendor.sent).toHaveLength(1);
  });

  it('are refused without a stored token, without a token, and with something other than a Bearer', async () => {
    const { webhooks, userTokens } = openVendor().provider();
    expect(await webhooks.verify(BODY, bearer('a'), { userId: '1' })).toBe(false);
    await userTokens.adopt('1', permanent('a'));
    expect(await webhooks.verify(BODY, { authorization: 'bearer  a' }, { userId: '1' })).toBe(true);
    for (const authorization of [undefined, '', 'a', 'Basic a', ['Bearer a', 'Bearer a']])
      expect(await webhooks.verify(BODY, { authorization }, { userId: '1' })).toBe(false);
  });

  it('reject when the stored token cannot be read', async () => {
    const { webhooks } = openVendor().provider({ store: brokenStore });
    const work = webhooks.verify(BODY, bearer('a'), { userId: '1' });
    expect(await errorOf(work)).toMatchObject({ code: 'store_unavailable', operation: 'webhooks.verify' });
  });
});
