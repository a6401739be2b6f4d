import * as v from 'valibot';

/** Where a body does not fit, and what belongs there. Never what was there instead, because that may be a secret. */
export class Mismatch extends Error {
  constructor(path: string, expected: string) {
    super(`${path || 'the body'} should be ${expected}`);
    this.name = 'Mismatch';
  }
}

/**
 * Turns a schema into a function, so that the schema stays private to its file. Throws a `Mismatch`, which `createHttp` turns into
 * `invalid_response`.
 *
 * @example
 * ```ts
 * import * as v from 'valibot';
 *
 * export const parseAccessToken: (input: unknown) => { token: string } = parser(v.object({ token: v.string() }));
 * ```
 */
export const parser =
  <const Schema extends v.GenericSchema>(schema: Schema): ((input: unknown) => v.InferOutput<Schema>) =>
  (input) => {
    const result = v.safeParse(schema, input, { abortEarly: true });
    if (result.success) return result.output;
    const [issue] = result.issues;
    throw new Mismatch(v.getDotPath(issue) ?? '', issue.expected ?? 'valid');
  };
