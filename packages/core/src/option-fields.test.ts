import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { AuthError } from './errors.ts';
import type { Field, OptionsSchema } from './option-fields.ts';
import { checkOptions } from './option-fields.ts';

const field = (name: string, variable: string, secret = false): Field => ({
  name,
  variable,
  label: name,
  secret,
  required: true,
  choices: [],
});
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

describe('checkOptions', () => {
  it('is content with options that fit', () => {
    expect(messageOf({ partnerId: '17', secret: 'a secret of some length' })).toBe('fine');
  });

  it('names every missing option with its variable, in one message', () => {
    expect(messageOf({})).toBe(
      'The options of acme are not valid: partnerId (ACME_PARTNER_ID) is missing; secret (ACME_SECRET) is missing.',
    );
  });

  it('takes an empty text for a missing option', () => {
    expect(messageOf({ partnerId: '17', secret: '' })).toContain('secret (ACME_SECRET) is missing');
  });

  it('says what an option must be, in the schema’s words', () => {
    expect(messageOf({ partnerId: 'abc', secret: 'a secret of some length' })).toContain('partnerId (ACME_PARTNER_ID) must be digits');
  });

  it('names an unknown option and lists the known ones', () => {
    expect(messageOf({ partnerId: '17', secret: 'a secret of some length', partnerID: '17' })).toContain(
      'partnerID is not valid, the options are partnerId, secret',
    );
  });

  it.each([[undefined], [null], ['text'], [[]]])('rejects %o', (options) => {
    expect(messageOf(options)).toContain('The options of acme are not valid');
  });

  it.each<[string, unknown, string]>([
    ['as it is', 'hunter2', 'Expected >=12 but received "hunter2"'],
    ['trimmed', ' hunter2\n', 'Expected >=12 but received "hunter2"'],
    ['in another case', 'HUNTER2', 'hunter2 is too short'],
    ['from within', { value: 'hunter2' }, 'Expected string but received "hunter2"'],
    ['from a list', ['hunter2'], 'Expected string but received ["hunter2"]'],
  ])('never repeats a value that the schema quotes %s', (_, value, message) => {
    const text = messageOf({ partnerId: '17', secret: value }, answering({ issues: [{ message, path: ['secret'] }] }));
    expect(text).toContain('secret (ACME_SECRET) is not valid');
    expect(text).not.toContain('hunter2');
  });

  it('says what a blank value must be, because there is nothing to repeat', () => {
    expect(
      messageOf({ partnerId: '17', secret: '  ' }, answering({ issues: [{ message: 'must not be blank', path: ['secret'] }] })),
    ).toContain('secret (ACME_SECRET) must not be blank');
  });

  it.each(['correct ', 'horse ba', 'staple 4'])('passes on no message that quotes a part of a secret, %j', (part) => {
    const message = `must not contain "${part}"`;
    const secret = 'correct horse battery staple 4';
    const text = messageOf({ partnerId: '17', secret }, answering({ issues: [{ message, path: ['secret'] }] }));
    expect(text).toContain('secret (ACME_SECRET) is not valid');
    expect(text).not.toContain(part);
    expect(messageOf({ partnerId: secret }, answering({ issues: [{ message, path: ['partnerId'] }] }))).toContain(message);
  });

  it('never repeats a secret that the real schema trimmed and quoted', () => {
    const quoting = v.object({ partnerId: v.string(), secret: v.pipe(v.string(), v.trim(), v.regex(/^\d+$/)) });
    expect(messageOf({ partnerId: '17', secret: 'hunter2\n' }, quoting)).not.toContain('hunter2');
  });

  it.each([
    ['keys', ['secret']],
    ['segments', [{ key: 'secret' }]],
  ])('reads paths of %s, because Standard Schema has both', (_, path) => {
    expect(messageOf({ secret: 'short' }, answering({ issues: [{ message: 'must be longer', path }] }))).toContain(
      'secret (ACME_SECRET) must be longer',
    );
  });

  it('names an option once, however much is wrong with it', () => {
    const issues = [
      { message: 'must be longer', path: ['secret'] },
      { message: 'must be wider', path: ['secret'] },
    ];
    expect(messageOf({ secret: 'short' }, answering({ issues }))).toBe(
      'The options of acme are not valid: secret (ACME_SECRET) must be longer.',
    );
  });

  it('rejects a schema that answers with a promise', () => {
    expect(messageOf({}, answering(Promise.resolve({ value: {} })))).toContain('synchronous');
  });
});
