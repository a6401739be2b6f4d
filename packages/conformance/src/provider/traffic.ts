import type { Fetch } from '@auth/core';
import type { Fake, SentRequest } from './fixture.ts';

/** What becomes of a request. `pass` has the vendor answer it. */
export type Interference = (request: Request, pass: () => Promise<Response>) => Promise<Response>;

/** The wire between a provider and the vendor's fake. */
export interface Traffic {
  readonly fetch: Fetch;
  /** Every request so far, oldest first, with the headers and the body. */
  readonly sent: readonly WireRequest[];
  /** From now on, for every request. */
  readonly interfere: (interference: Interference) => void;
  readonly stopInterfering: () => void;
}

/** A request with all that is in it. */
export interface WireRequest extends SentRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether `fetch` was called with a `Request`. */
  readonly isRequest: boolean;
}

/** Carries requests to the fake, writes them down, and lets a check interfere. */
export const createTraffic = (vendor: Fake): Traffic => {
  const sent: WireRequest[] = [];
  const pending = new Set<object>();
  let interference: Interference | undefined;
  return {
    sent,
    interfere: (next) => {
      interference = next;
    },
    stopInterfering: () => {
      interference = undefined;
    },
    fetch: async (input, init) => {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      const copy = request.clone();
      const { method, url } = request;
      const body = request.body === null ? '' : await request.clone().text();
      const isRequest = input instanceof Request;
      sent.push({ method, url, path: new URL(url).pathname, headers: Object.fromEntries(request.headers), body, isRequest });
      // A runtime may collect a request that hangs, and its link to the caller's signal with it.
      const held = [request, copy, input, init];
      pending.add(held);
      try {
        const pass = (): Promise<Response> => vendor.fetch(request);
        return await (interference ? interference(copy, pass) : pass());
      } finally {
        pending.delete(held);
      }
    },
  };
};

/** Only the first request is interfered with. */
export const onlyFirst = (interference: Interference): Interference => {
  let isFirst = true;
  return (request, pass) => {
    if (!isFirst) return pass();
    isFirst = false;
    return interference(request, pass);
  };
};

/** What a runtime's `fetch` rejects with when the connection breaks. */
export const broken = (): TypeError => new TypeError('fetch failed', { cause: new Error('other side closed') });

/** Rejects once the request is given up. */
export const never: Interference = ({ signal }) =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
