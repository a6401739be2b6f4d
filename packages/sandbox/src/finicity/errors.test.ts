import { describe, expect, it } from 'vitest';
import { annotationOf } from '../annotate.ts';
import { errors, type FinicityErrorName } from './errors.ts';
import catalogue from './fixtures/errors.json' with { type: 'json' };
import { type ErrorStyle, errorReplies } from './representation.ts';

const us: ErrorStyle = { codesAs: 'number', region: 'us' };
const asking = (accept = 'application/json'): Request => new Request('https://api.finicity.com/', { headers: { accept } });
// The names in the fixture are checked by the first test.
const reply = (name: string, request = asking(), style = us): Response => errorReplies(style)[name as FinicityErrorName](request);

const serialized = (body: unknown): string => (body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body));

describe('the catalogue of errors', () => {
  it('has a name for each, and no name without a row', () => {
    expect(catalogue.map(({ name }) => name).sort()).toEqual(Object.keys(errors).sort());
  });

  it.each(catalogue)('words $name as the vendor does', async ({ name, status, contentType, body }) => {
    const response = reply(name);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([status, contentType, serialized(body)]);
  });

  it.each(catalogue)('notes the code of $name for the log, if it has one', ({ name, body }) => {
    const request = asking();
    reply(name, request);
    const code = annotationOf(request);
    expect(code === undefined).toBe(body === null || (typeof body === 'string' && !body.includes('<code>')));
    expect(JSON.stringify(body)).toContain(code ?? '');
  });

  it.each([
    ['expiredToken', '<error><code>10023</code><message>Expired (Finicity-App-Token)</message></error>'],
    [
      'locked',
      "<error><code>24302</code><message>For your security, we've locked your account. Please reset your password to continue.</message></error>",
    ],
    ['usernameTaken', '<error><code>110002</code><message>Username is not available.</message></error>'],
  ])('puts %s into XML for those who do not ask for JSON', async (name, xml) => {
    const response = reply(name, asking('*/*'));
    expect(response.headers.get('content-type')).toBe('application/xml');
    expect((await response.text()).replaceAll('&apos;', "'")).toBe(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>${xml}`);
  });

  it.each(['expiredTokenConnect', 'expiredTokenWebhook', 'invalidAppKeyErrorCode'])('leaves %s in JSON whatever is asked for', (name) => {
    expect(reply(name, asking('application/xml')).headers.get('content-type')).toBe('application/json');
  });

  it.each([
    ['expiredToken', 'Expired (App-Token)'],
    ['missingAppKey', 'Missing parameter (App-Key)'],
    ['invalidAppKeyText', 'Invalid (App-Key)'],
    ['expiredTokenComponents', 'Expired (App-Token)'],
  ])('names the Australian header in %s', async (name, words) => {
    const body = await reply(name, asking(), { codesAs: 'number', region: 'au' }).text();
    expect(body).toContain(words);
    expect(body).not.toContain('Finicity');
  });
});
