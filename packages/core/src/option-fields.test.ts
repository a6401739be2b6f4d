import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { AuthError } from './errors.ts';
import type { Field, OptionsSchema } from './option-fields.ts';
import { checkedOptions } from './option-fields.ts';

const field = (name: string, variable: string, secret = false): Field => {
  return { name, variable, secret, label: name, required: true, choices: [] };
};
const fields = [
  field('partnerId', 'ACME_PARTNER_ID'),
  field('secret', 'ACME_SECRET', true),
  { ...field('customers', 'ACME_CUSTOMERS'), required: false, choices: ['active', 'testing'] },
];
const schema = v.strictObject({
  partnerId: v.pipe(v.string(), v.regex(/^\d+$/, 'must be digits')),
  secret: v.pipe(v.string(), v.trim(), v.minLength(12)),
  customers: v.optional(v.picklist(['active', 'testing'])),
});

/** A schema that always answers this. */
const answering = (result: unknown): OptionsSchema => ({ '~standard': { version: 1, vendor: 'test', validate: () => result } });

const messageOf = (options: unknown, using: OptionsSchema = schema): string => {
  try {
    checkedOptions({ id: 'acme', fields, schema: using }, options);
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

describe('checkedOptions', () => {
  it.each([
    ['what every option must be, where all fit', { partnerId: '17', secret: SECRET }, 'fine'],
    ['every missing option', {}, `${INVALID}: partnerId (ACME_PARTNER_ID) is missing; secret (ACME_SECRET) is missing.`],
    ['an empty text as a missing option', { partnerId: '17', secret: '' }, `${INVALID}: secret (ACME_SECRET) is missing.`],
    ['what an option must be', { partnerId: 'abc', secret: SECRET }, `${INVALID}: partnerId (ACME_PARTNER_ID) must be digits.`],
    [
      'an unknown option, and the one that was meant',
      { partnerId: '17', secret: SECRET, partnerID: '17' },
      `${INVALID}: partnerID is not valid (did you mean 'partnerId'?).`,
    ],
    [
      'an unknown option, and the known ones if none is close',
      { partnerId: '17', secret: SECRET, surprise: '17' },
      `${INVALID}: surprise is not valid, the options are partnerId, secret, customers.`,
    ],
    ['an unknown option that is undefined', { partnerId: '17', secret: SECRET, surprise: undefined }, /: surprise is not valid/],
  ])('names %s', (_, options, message) => {
    if (typeof message === 'string') expect(messageOf(options)).toBe(message);
    else expect(messageOf(options)).toMatch(message);
  });

  it.each([[undefined], [null], ['text'], [[]], [() => {}]])('says what to pass instead of %o', (options) => {
    expect(messageOf(options)).toBe('The options of acme must be an object: acme({ partnerId, secret }).');
  });

  it('says that a promise has to be awaited', () => {
    expect(messageOf(Promise.resolve({}))).toBe('The options of acme are a promise. Await it first.');
  });

  it.each([
    ['test', " (did you mean 'testing'?)"],
    ['Active', " (did you mean 'active'?)"],
    [' testing\n', " (did you mean 'testing'?)"],
    ['acitve', " (did you mean 'active'?)"],
    ['all', ''],
    ['', ''],
    [7, ''],
  ])('says which values an option takes instead of %j, and which was meant', (customers, meant) => {
    expect(messageOf({ partnerId: '17', secret: SECRET, customers })).toBe(
      `${INVALID}: customers (ACME_CUSTOMERS) must be active or testing${meant}.`,
    );
  });

  it.each([
    ['store', new Map(), 'must be a store, with read and write: pass memoryStore() or redisStore(client), not the client'],
    ['store', 'redis://cache', 'must be a store, with read and write: pass memoryStore() or redisStore(client), not the client'],
    ['clock', Date, 'must be a clock, with now, monotonic and after'],
    ['fetch', 'https://proxy.example/', 'must be a function, like fetch'],
    ['observe', console, 'must be a function that takes an event'],
    ['waitUntil', null, 'must be a function that takes a promise'],
    ['tenant', '', 'must be a string that is not empty'],
    ['whenStoreIsDown', 'Refuse', 'must be serve or refuse'],
  ])('says what %s must be instead of %j, whatever the schema says', (name, value, must) => {
    expect(messageOf({ [name]: value }, answering({ issues: [{ message: 'Invalid type', path: [name] }] }))).toBe(
      `${INVALID}: ${name} ${must}.`,
    );
  });

  it('hands over own members only, without a prototype', () => {
    const inherited = Object.assign(Object.create({ secret: 'inherited' }), { partnerId: '17' });
    expect(messageOf(inherited)).toBe(`${INVALID}: secret (ACME_SECRET) is missing.`);
    const checked = checkedOptions({ id: 'acme', fields, schema }, { partnerId: '17', secret: SECRET });
    expect([Object.getPrototypeOf(checked), { ...checked }]).toEqual([null, { partnerId: '17', secret: SECRET }]);
  });

  it('reads each option once, so that what was checked is what is used', () => {
    const partnerIds = ['17', 'https://evil.example/'];
    const changing = Object.defineProperty({ secret: SECRET }, 'partnerId', { enumerable: true, get: () => partnerIds.shift() });
    expect(checkedOptions({ id: 'acme', fields, schema }, changing)).toMatchObject({ partnerId: '17' });
  });

  it.each<[string, unknown, string]>([
    ['as it is', 'hunter2', 'Expected >=12 but received "hunter2"'],
    ['trimmed', ' hunter2\n', 'Expected >=12 but received "hunter2"'],
    ['in another case', 'HUNTER2', 'hunter2 is too short'],
    ['from within', { value: 'hunter2' }, 'Expected string but received "hunter2"'],
    ['from a list', ['hunter2'], 'Expected string but received ["hunter2"]'],
    ['that is a number', 4711, 'Expected string but received 4711'],
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

  it('passes on the schema’s words for a value that is a part of them', () => {
    expect(messageOfIssue({ partnerId: 'be' }, 'must begin with a digit', ['partnerId'])).toContain('must begin with a digit');
    expect(messageOfIssue({ secret: { SecretString: 'hunter2' } }, 'must be a string')).toContain('secret (ACME_SECRET) must be a string');
  });

  it('names an option once, however much is wrong with it', () => {
    const issues = ['must be longer', 'must be wider'].map((message) => ({ message, path: ['secret'] }));
    expect(messageOf({ secret: 'short' }, answering({ issues }))).toBe(`${INVALID}: secret (ACME_SECRET) must be longer.`);
  });

  it('says so where the schema does not tell which option is wrong', () => {
    const message = 'Unrecognized key: "partnerID"';
    expect(messageOfIssue({ partnerID: '17' }, message, [])).toBe(
      `${INVALID}: an option is not valid, the options are partnerId, secret, customers.`,
    );
  });

  it('rejects a schema that answers with a promise', () => {
    expect(messageOf({}, answering(Promise.resolve({ value: {} })))).toContain('synchronous');
  });
});
