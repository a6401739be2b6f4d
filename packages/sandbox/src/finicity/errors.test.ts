import { describe, expect, it } from 'vitest';
import { finicityCaller } from '../../test/finicity-caller.ts';
import { errors, type FinicityErrorName } from './errors.ts';
import catalogue from './fixtures/errors.json' with { type: 'json' };
import { type ErrorStyle, errorReplies } from './representation.ts';

const us: ErrorStyle = { codesAs: 'number', region: 'us' };
const reply = (name: FinicityErrorName, accept = 'application/json', style = us): Response =>
  errorReplies(style)[name](new Request('https://api.finicity.com/', { headers: { accept } }));

const serialized = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body ?? '').replace(/^""$/, ''));

describe('the catalogue of errors', () => {
  it('has a name for each, and no name without a row', () => {
    expect(catalogue.map(({ name }) => name).sort()).toEqual(Object.keys(errors).sort());
  });

  it.each(catalogue)('is met on demand, in the words of the vendor and with its code in the log: $name', async (row) => {
    const { name, status, contentType, body } = row;
    const { sandbox, createToken } = finicityCaller();
    // The names in the fixture are those of the catalogue, as the first test checks.
    sandbox.faults.add({ reply: { kind: 'error', error: name as FinicityErrorName } });
    expect(await createToken()).toMatchObject({ status, type: contentType, text: serialized(body) });
    const { code } = sandbox.calls[0] ?? {};
    expect(code === undefined).toBe(body === null || (typeof body === 'string' && !body.includes('<code>')));
    expect(serialized(body)).toContain(code ?? '');
    expect((await createToken()).status).toBe(200);
  });

  it.each<[FinicityErrorName, string]>([
    ['expiredToken', '<code>10023</code><message>Expired (Finicity-App-Token)</message>'],
    [
      'locked',
      "<code>24302</code><message>For your security, we've locked your account. Please reset your password to continue.</message>",
    ],
    ['usernameTaken', '<code>110002</code><message>Username is not available.</message>'],
  ])('has %s in XML for those who do not ask for JSON', async (name, xml) => {
    const response = reply(name, '*/*');
    expect(response.headers.get('content-type')).toBe('application/xml');
    const expected = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><error>${xml}</error>`;
    expect((await response.text()).replaceAll('&apos;', "'")).toBe(expected);
  });

  it('leaves errors without an XML form in JSON whatever is asked for', () => {
    for (const name of ['expiredTokenConnect', 'expiredTokenWebhook', 'invalidAppKeyErrorCode'] as const)
      expect([name, reply(name, 'application/xml').headers.get('content-type')]).toEqual([name, 'application/json']);
  });

  it.each<[FinicityErrorName, string]>([
    ['expiredToken', 'Expired (App-Token)'],
    ['missingAppKey', 'Missing parameter (App-Key)'],
    ['invalidAppKeyText', 'Invalid (App-Key)'],
    ['expiredTokenComponents', 'Expired (App-Token)'],
  ])('names the Australian header in %s', async (name, words) => {
    const body = await reply(name, 'application/json', { codesAs: 'number', region: 'au' }).text();
    expect(body).toContain(words);
    expect(body).not.toContain('Finicity');
  });
});
