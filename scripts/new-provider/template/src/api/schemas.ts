import { parser } from '@auth/core/kit';
import * as v from 'valibot';

// TODO: the shapes of the vendor's answers, with only what is used of them, tolerant of more. Names as on the wire stay in this file.

/** The answer to `createToken`. */
export interface AccessToken {
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** The body of an answer to `createToken`. The token has to fit into a header. */
export const parseAccessToken: (body: unknown) => AccessToken = parser(
  v.pipe(
    v.object({ access_token: v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/)), expires_in: v.pipe(v.number(), v.minValue(1)) }),
    v.transform((body) => ({ token: body.access_token, expiresIn: body.expires_in })),
  ),
);
