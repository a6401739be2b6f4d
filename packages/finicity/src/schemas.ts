import { parser } from '@auth/core/kit';
import * as v from 'valibot';

/** The answer to `createToken`. Nothing in it says how long the token lives: two hours, by documentation. */
export interface AccessToken {
  readonly token: string;
}

/** The body of an answer to `createToken`. The token has to fit into a header. */
export const parseAccessToken: (body: unknown) => AccessToken = parser(v.object({ token: v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/)) }));

/** For operations that answer without a body. */
export const parseNothing = (): void => {};

/** Only digits are a code: whatever else a gateway puts there has no place in an error. */
const digits = v.pipe(v.string(), v.regex(/^\d{1,10}$/));

const code = v.pipe(v.union([v.number(), v.string()]), v.transform(String), digits);

/** The services behind one host use different envelopes for the same codes. */
const envelope = v.union([
  v.pipe(
    v.object({ code }),
    v.transform((body) => body.code),
  ),
  v.pipe(
    v.object({ errorCode: code }),
    v.transform((body) => body.errorCode),
  ),
  v.pipe(
    v.object({ Errors: v.object({ Error: v.looseTuple([v.object({ ReasonCode: code })]) }) }),
    v.transform((body) => body.Errors.Error[0].ReasonCode),
  ),
  v.pipe(
    v.object({ Errors: v.object({ Error: v.looseTuple([v.object({ reasonCode: code })]) }) }),
    v.transform((body) => body.Errors.Error[0].reasonCode),
  ),
  v.pipe(
    v.string(),
    v.transform((text) => /<code>\s*(\d+)\s*<\/code>/.exec(text)?.[1] ?? ''),
    digits,
  ),
]);

/** The vendor's code in an error body: flat, wrapped, or in XML; a number or a string. */
export const vendorCodeOf = (body: unknown): string | undefined => {
  const result = v.safeParse(envelope, body);
  return result.success ? result.output : undefined;
};

const message = v.union([
  v.string(),
  v.pipe(
    v.object({ message: v.string() }),
    v.transform((body) => body.message),
  ),
]);

/** What an error body says in words, only to tell errors apart that have no code of their own. */
export const vendorMessageOf = (body: unknown): string => {
  const result = v.safeParse(message, body);
  return result.success ? result.output : '';
};
