import { parser } from '@auth/core/kit';
import * as v from 'valibot';

/** The answer to `createToken`. Nothing in it says how long the token lives: two hours, by documentation. */
export interface AccessToken {
  readonly token: string;
}

export const parseAccessToken: (body: unknown) => AccessToken = parser(v.object({ token: v.pipe(v.string(), v.nonEmpty()) }));

/** For operations that answer without a body. */
export const parseNothing = (): void => {};

const code = v.pipe(v.union([v.number(), v.string()]), v.transform(String));

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
    v.transform((text) => /<code>\s*(\d+)\s*<\/code>/.exec(text)?.[1]),
    v.string(),
  ),
]);

/** The vendor's code in an error body: flat, wrapped, or in XML; a number or a string. */
export const vendorCodeOf = (body: unknown): string | undefined => {
  const result = v.safeParse(envelope, body);
  return result.success ? result.output : undefined;
};
