import * as v from 'valibot';

const failure = v.object({
  // Anything else that a server puts there must not end up in an error.
  code: v.fallback(v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z_]{1,40}$/))), undefined),
  request_id: v.fallback(v.nullish(v.pipe(v.union([v.string(), v.number()]), v.transform(String), v.regex(/^[\w-]{1,64}$/))), undefined),
});

/** What an error body says; nothing for a gateway's HTML page. */
export const failureOf = (body: unknown): { readonly vendorCode?: string | undefined; readonly requestId?: string | undefined } => {
  const result = v.safeParse(failure, body);
  return result.success ? { vendorCode: result.output.code, requestId: result.output.request_id ?? undefined } : {};
};
