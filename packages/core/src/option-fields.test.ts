import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { AuthError } from './errors.ts';
import type { Field, OptionsSchema } from './option-fields.ts';
import { checkOptions } from './option-fields.ts';

const field = (name: string, variable: string, secret = false): Field => {
  return { name, variable, secret, label: name, required: true, choices: [] };
};
const fields = [field('partnerId', 'ACME_PARTNER_ID'), field('secret', 'ACME_SECRET', true)];
const schema = v.strictObject({
  partnerId: v.pipe(v.string(), v.regex(/^\d+$/, 'must be digits')),
  secret: v.pipe(v.string(), v.trim(), v.minLength(12)),
});

/** A schema that always answers this. */
const answering = (result: unknown): OptionsSchema => ({ '~standard': { version: 1, vendor: 'test', validate: () => result } });

const messageOf = (options: unknown, using: OptionsSchema = schema): string => {
  try {
    checkOptions({ id: 'acme', fields, schema: using }, options);
    return 'fine';
  } catch (error) {
    expect(error).toMatchObject({ code: 'misconfigured', provider: 'acme', operation: 'options' });
    return AuthError.is(error) ? error.message : String(error);
  }
};

/** What is made of this one issue with an option. */
const messageOfIssue = (options: unknown, message: string, path: readonly unknown[] = ['secret']): string =>
  messageOf(options, answering({ issues: [{ message, path }] }));

const SECRET = 'correct horse battery staple 4';
const INVALID = 'The options of acme are not valid';

describe('checkOptions', () => {
  it.each([
    ['what every option must be, where all fit', { partnerId: '17', secret: SECRET }, 'fine'],
    ['every missing option', {}, `${INVALID}: partnerId (ACME_PARTNER_ID) is missing; secret (ACME_SECRET) is missing.`],
    ['an empty text as a missing option', { partnerId: '17', secret: '' }, `${INVALID}: secret (ACME_SECRET) is missing.`],
    ['what an option must be', { partnerId: 'abc', secret: SECRET }, `${INVALID}: partnerId (ACME_PARTNER_ID) must be digits.`],
    [
      'an unknown option, and the known ones',
      { partnerId: '17', secret: SECRET, partnerID: '17' },
      `${INVALID}: partnerID is not valid, the options are partnerId, secret.`,
    ],
  ])('names %s', (_, options, message) => {
    expect(messageOf(options)).toBe(message);
  });

  it.each([[undefined], [null], ['text'], [[]]])('rejects %o', (options) => {
    expect(messageOf(options)).toContain(INVALID);
  });

  it.each<[string, unknown, string]>([
    ['as it is', 'hunter2', 'Expected >=12 but received "hunter2"'],
    ['trimmed', ' hunter2\n', 'Expected >=12 but received "hunter2"'],
    ['in another case', 'HUNTER2', 'hunter2 is too short'],
    ['from within', { value: 'hunter2' }, 'Expected string but received "hunter2"'],
    ['from a list', ['hunter2'], 'Expected string but received ["hunter2"]'],
  ])('never repeats a value that the schema quotes %s', (_, value, message) => {
    expect(messageOfIssue({ secret: value }, message)).toBe(`${INVALID}: secret (ACME_SECRET) is not valid.`);
    expect(messageOfIssue({ partnerId: value }, message, ['partnerId'])).toBe(`${INVALID}: partnerId (ACME_PARTNER_ID) is not valid.`);
  });

  it.each(['correct ', 'horse ba', 'staple 4'])('repeats no part of a secret, %j, but of what is not secret', (part) => {
    const message = `must not contain "${part}"`;
    expect(messageOfIssue({ secret: SECRET }, message)).toBe(`${INVALID}: secret (ACME_SECRET) is not valid.`);
    expect(messageOfIssue({ partnerId: SECRET }, message, ['partnerId'])).toBe(`${INVALID}: partnerId (ACME_PARTNER_ID) ${message}.`);
  });

  it('never repeats a secret that the real schema trimmed and quoted', () => {
    const quoting = v.object({ partnerId: v.string(), secret: v.pipe(v.string(), v.trim(), v.regex(/^\d+$/)) });
    expect(messageOf({ partnerId: '17', secret: 'hunter2\n' }, quoting)).not.toContain('hunter2');
  });

  it.each<[string, string, readonly unknown[]]>([
    ['a blank value, because there is nothing to repeat', '  ', ['secret']],
    ['a path of keys', 'short', ['secret']],
    ['a path of segments, because Standard Schema has both', 'short', [{ key: 'secret' }]],
  ])('passes on the schema’s words for %s', (_, secret, path) => {
    expect(messageOfIssue({ secret }, 'must be longer', path)).toContain('secret (ACME_SECRET) must be longer');
  });

  it('names an option once, however much is wrong with it', () => {
    const issues = ['must be longer', 'must be wider'].map((message) => ({ message, path: ['secret'] }));
    expect(messageOf({ secret: 'short' }, answering({ issues }))).toBe(`${INVALID}: secret (ACME_SECRET) must be longer.`);
  });

  it('rejects a schema that answers with a promise', () => {
    expect(messageOf({}, answering(Promise.resolve({ value: {} })))).toContain('synchronous');
  });
});
