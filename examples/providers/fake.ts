import type { Fetch } from '@auth/core';

/** What a fake vendor got, for tests to count. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** What a fake vendor is asked. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
  /** Method and path, to choose by: `GET /users`. */
  readonly route: string;
}

/** A vendor in the process: one function that answers, and what it was asked. */
export const fakeOf = (
  answer: (asked: Asked) => Response | Promise<Response>,
): { readonly fetch: Fetch; readonly calls: readonly Call[] } => {
  const calls: Call[] = [];
  const fetch: Fetch = async (input, init) => {
    const request = new Request(input, init);
    request.signal.throwIfAborted();
    const url = new URL(request.url);
    const { method, headers } = request;
    const body = await request.text();
    const response = await answer({ method, url, headers, body, route: `${method} ${url.pathname}` });
    calls.push({ method, path: url.pathname, status: response.status, headers, body });
    return response;
  };
  return { fetch, calls };
};

/** A refusal as the fakes send it. */
export const refused = (status: number, error: string): Response => Response.json({ error }, { status });
