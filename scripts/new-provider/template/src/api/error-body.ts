import * as v from 'valibot';

// TODO: where an error body has the vendor's code. Of a vendor that sends sentences only, give each sentence that you know a code of yours: `/plan does not include/i.test(text) ? 'plan' : undefined`.

const failure = v.object({ error: v.pipe(v.string(), v.regex(/^\w{1,50}$/)) });

/** The vendor's code in the body of an error. Anything that does not look like a code has no place in an error. */
export const vendorCodeOf = (body: unknown): string | undefined => {
  const result = v.safeParse(failure, body);
  return result.success ? result.output.error : undefined;
};
