import * as v from 'valibot';
import type { Fault, FaultReply } from './fault.ts';
import { InvalidArgument } from './invalid-argument.ts';

/** Checks a fault before it waits, from a product's code or from JSON. The result shares nothing with it. */
export const faultParser = (errorNames: readonly string[]): ((fault: unknown) => Fault<string>) => {
  const schema = faultSchema(errorNames);
  return (fault) => {
    const result = v.safeParse(schema, fault, { abortEarly: true });
    if (result.success) return result.output;
    const [issue] = result.issues;
    throw new InvalidArgument(`fault: \`${v.getDotPath(issue) ?? 'the fault'}\` ${issue.message}`);
  };
};

const wholeNumber = (from: number, to: number): v.GenericSchema<unknown, number> => {
  const message = `has to be a whole number from ${from} to ${to}.`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(from, message), v.maxValue(to, message));
};

/** Members that are not known are refused: most of them are misspelt. */
const object = <const Entries extends v.ObjectEntries>(
  entries: Entries,
): v.StrictObjectSchema<Entries, (issue: v.StrictObjectIssue) => string> =>
  v.strictObject(entries, ({ expected, received }) => {
    if (expected === 'Object') return 'has to be an object.';
    return received === 'undefined' ? 'is missing.' : `is not known here; known are ${Object.keys(entries).join(', ')}.`;
  });

/** The longest delay that timers know: 24.8 days. */
const LONGEST_DELAY = 2 ** 31 - 1;
/** A gibibyte. */
const HUGEST_BODY = 2 ** 30;
/** Some 300 years, which leaves a date that HTTP can tell. */
const LONGEST_SKEW = 1e13;
const RETRY_AFTER = 'has to be a whole number of seconds, or the text of the header.';

const seconds = wholeNumber(0, Number.MAX_SAFE_INTEGER);

// What Node's server sends; `Headers` would take more.
const headerValue = v.pipe(
  v.string('has to be text.'),
  v.regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'has to be the value of a header, in Latin characters.'),
);
const headerName = v.pipe(
  v.string(),
  v.regex(/^[\w!#$%&'*+\-.^`|~]+$/, 'has to be the name of a header.'),
  v.regex(/^(?!(?:trailer|transfer-encoding|x-hono-already-sent)$)/i, 'is a header that belongs to the server.'),
);

const status = wholeNumber(200, 599);
const withoutBody: ReadonlySet<number> = new Set([204, 205, 304]);
const statusWithBody = v.pipe(
  status,
  v.check((value) => !withoutBody.has(value), 'has to be one that has a body.'),
);
const statusSchema = v.pipe(
  object({
    kind: v.literal('status'),
    status,
    body: v.optional(v.string('has to be text.')),
    headers: v.optional(v.record(headerName, headerValue, 'has to be an object of headers.')),
  }),
  v.forward(
    v.check(
      (reply) => reply.body === undefined || !withoutBody.has(reply.status),
      'has to be left out, as answers with this status have none.',
    ),
    ['body'],
  ),
);

const METHOD = 'has to be a method in upper case.';
const PATH = 'has to begin with `/` and go without a query, percent-encoded; `*` at its end stands for any rest.';
const PROBABILITY = 'has to be a number from 0 to 1.';
const TIMES = 'has to be a whole number from 1.';

const faultSchema = (errorNames: readonly string[]): v.GenericSchema<unknown, Fault<string>> =>
  object({
    method: v.optional(v.pipe(v.string(METHOD), v.regex(/^[A-Z-]+$/, METHOD))),
    path: v.optional(v.pipe(v.string(PATH), v.regex(/^(?:\/[\x21\x24-\x3e\x40-\x7e]*|\*)$/, PATH))),
    times: v.optional(
      v.pipe(
        v.number(TIMES),
        v.check((times) => times >= 1 && (Number.isInteger(times) || times === Number.POSITIVE_INFINITY), TIMES),
      ),
    ),
    probability: v.optional(v.pipe(v.number(PROBABILITY), v.minValue(0, PROBABILITY), v.maxValue(1, PROBABILITY))),
    lasts: v.optional(wholeNumber(0, Number.MAX_SAFE_INTEGER)),
    reply: replySchema(errorNames),
  });

/** One for each kind, in the order of `FaultReply`. */
const replySchema = (errorNames: readonly string[]): v.GenericSchema<unknown, FaultReply<string>> =>
  v.variant(
    'kind',
    [
      statusSchema,
      object({ kind: v.literal('error'), error: v.picklist(errorNames, `has to be one of ${errorNames.join(', ')}.`) }),
      object({ kind: v.literal('rateLimited'), retryAfter: v.optional(v.union([seconds, headerValue], RETRY_AFTER)) }),
      object({ kind: v.literal('html'), status: v.optional(statusWithBody) }),
      object({ kind: v.literal('contentType'), contentType: headerValue }),
      object({ kind: v.literal('invalidJson') }),
      object({ kind: v.literal('truncated') }),
      object({ kind: v.literal('huge'), bytes: v.optional(wholeNumber(0, HUGEST_BODY)) }),
      object({ kind: v.literal('latency'), milliseconds: wholeNumber(0, LONGEST_DELAY) }),
      object({ kind: v.literal('skewedDate'), milliseconds: wholeNumber(-LONGEST_SKEW, LONGEST_SKEW) }),
      object({ kind: v.literal('endedToken') }),
      object({ kind: v.literal('lost') }),
      object({ kind: v.literal('unreachable') }),
      object({ kind: v.literal('reset') }),
      object({ kind: v.literal('hang') }),
    ],
    ({ expected }) =>
      expected === 'Object'
        ? 'has to be an object.'
        : `has to be one of ${expected.replaceAll('"', '').slice(1, -1).replaceAll(' |', ',')}.`,
  );
