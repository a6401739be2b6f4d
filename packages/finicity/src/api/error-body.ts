import * as v from 'valibot';

/** A code consists of digits. Anything else that a gateway puts there has no place in an error. */
const digits = v.pipe(v.string(), v.regex(/^\d{1,10}$/));

const code = v.pipe(v.union([v.number(), v.string()]), v.transform(String), digits);

/** The list that some services wrap their errors in: reads the first error, or the only one. */
const wrapped = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  v.object({
    Errors: v.object({
      Error: v.pipe(
        v.unknown(),
        v.transform((list) => (Array.isArray(list) ? list[0] : list)),
        v.object(entries),
      ),
    }),
  });

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
    wrapped({ ReasonCode: code }),
    v.transform((body) => body.Errors.Error.ReasonCode),
  ),
  v.pipe(
    wrapped({ reasonCode: code }),
    v.transform((body) => body.Errors.Error.reasonCode),
  ),
  v.pipe(
    v.string(),
    v.transform((text) => /<(code|errorCode|reasonCode)>\s*(\d+)\s*<\/\1>/i.exec(text)?.[2] ?? ''),
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
  v.pipe(
    wrapped({ Description: v.string() }),
    v.transform((body) => body.Errors.Error.Description),
  ),
  v.pipe(
    wrapped({ description: v.string() }),
    v.transform((body) => body.Errors.Error.description),
  ),
]);

/** The message of an error body, only to tell apart errors that have no code of their own. */
export const vendorMessageOf = (body: unknown): string => {
  const result = v.safeParse(message, body);
  return result.success ? result.output : '';
};
