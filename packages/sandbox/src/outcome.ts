/** How an answer leaves the sandbox: as it is, cut in the middle of its body, not at all as the connection ends or is reset, or never. */
export type Delivery = 'whole' | 'half' | 'closed' | 'reset' | 'never';

/** What becomes of a request, in process and over HTTP alike. */
export interface Outcome {
  readonly delivery: Delivery;
  /** What the vendor answered, also where it does not arrive. Absent where nothing was answered. */
  readonly response?: Response;
}

/** An answer that arrives. */
export const whole = (response: Response): Outcome => ({ delivery: 'whole', response });

/** The same answer with another header. */
export const withHeader = (response: Response, name: string, value: string): Response => {
  try {
    response.headers.set(name, value);
    return response;
  } catch {
    // Those of `Response.redirect` cannot be changed.
    const { body, status, headers } = response;
    return withHeader(new Response(body, { status, headers }), name, value);
  }
};
