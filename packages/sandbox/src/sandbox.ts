import type { Clock, Fetch } from '@auth/core';
import type { Fault, FaultReply, Faults } from './faults.ts';
import { faultQueue } from './faults.ts';

/** One request as the sandbox saw it. */
export interface Call {
  readonly method: string;
  /** Without the query, which can hold secrets. */
  readonly path: string;
  /** As answered; for a lost answer what it would have been, 0 where nothing was answered. */
  readonly status: number;
  /** Epoch milliseconds by the sandbox's clock, when the answer was ready. */
  readonly at: number;
}

/** A sandbox that listens. */
export interface Listening {
  /** Base URL for a provider; ends in a slash. */
  readonly url: string;
  /** Stops listening and cuts every open connection. */
  readonly close: () => Promise<void>;
}

/** An emulated vendor. Each has its own state; nothing is shared between two of them. */
export interface Sandbox<Credentials> {
  /** Answers in process, on any host name. Honours the request's signal. */
  readonly fetch: Fetch;
  /** Answers over HTTP on 127.0.0.1, on a free port unless one is given. Node only. */
  readonly listen: (options?: { readonly port?: number | undefined }) => Promise<Listening>;
  /** One account that is ready to use. */
  readonly credentials: Readonly<Credentials>;
  /** Every request so far, in the order of the answers, refused and faulty ones too. */
  readonly calls: readonly Call[];
  /** The environment variables that point a provider at this sandbox, which listens at `url`. Holds secrets. */
  readonly environment: (url: string) => Record<string, string>;
  /** The vendor ends every token now. Users stay. */
  readonly expireTokens: () => void;
  /** Back to the state at creation: no calls, no faults, no tokens, nothing locked. The credentials stay. */
  readonly reset: () => void;
  /** Makes requests go wrong on demand. */
  readonly faults: Faults;
}

/** What the emulators leave to the frame around them. */
type Frame = Pick<Sandbox<unknown>, 'fetch' | 'listen' | 'calls' | 'faults' | 'reset'>;

interface FrameOptions {
  /** The vendor's routes. Answers every request, never rejects. */
  readonly answer: (request: Request) => Response | Promise<Response>;
  readonly clock: Clock;
  /** Where the API begins: `/`, `/2.0/`. */
  readonly basePath: string;
  readonly reset: () => void;
}

/** Puts the call log, the faults and both ways of transport around a vendor's routes. */
export const sandboxFrame = ({ answer, clock, basePath, reset }: FrameOptions): Frame => {
  const calls: Call[] = [];
  const faults = faultQueue();
  /**
   * What is being answered, with what it was made of. A runtime links a request to its caller's signal weakly: one that nothing
   * else holds is collected while it hangs, and would never hear of the abort.
   */
  const pending = new Set<object>();

  const answerOrFail = async (request: Request): Promise<Response> => {
    const { method } = request;
    const { pathname: path } = new URL(request.url);
    const log = (status: number): void => {
      calls.push({ method, path, status, at: clock.now() });
    };
    const reply = faults.take(method, path);
    if (reply?.kind === 'unreachable' || reply?.kind === 'hang') {
      log(0);
      throw reply.kind === 'hang' ? await abortion(request.signal) : connectionCut();
    }
    const response = reply?.kind === 'status' ? prepared(reply) : await answer(request);
    // The runtime's own Date header would tell the machine's time, and clients learn the vendor's clock from it.
    if (!response.headers.has('date')) response.headers.set('date', new Date(clock.now()).toUTCString());
    log(response.status);
    if (reply?.kind === 'lost') throw connectionCut();
    return response;
  };

  return {
    calls,
    faults: { add: (fault: Fault) => faults.add(fault), clear: () => faults.clear() },
    fetch: async (input, init) => {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      const answered = new AbortController();
      const held = [request, input, init];
      pending.add(held);
      try {
        return await Promise.race([answerOrFail(request), abortion(request.signal, answered.signal).then(rejection)]);
      } finally {
        answered.abort();
        pending.delete(held);
      }
    },
    listen: async ({ port = 0 } = {}) => {
      const { listenOnLoopback } = await import('./listen.ts');
      const { origin, close } = await listenOnLoopback(answerOrFail, port);
      return { url: origin + basePath, close };
    },
    reset: () => {
      calls.length = 0;
      faults.clear();
      reset();
    },
  };
};

const prepared = ({ status, body, headers = {} }: FaultReply & { kind: 'status' }): Response =>
  new Response(body ?? null, { status, headers: new Headers(headers) });

/** What `fetch` rejects with when the network fails, in every runtime. */
const connectionCut = (): TypeError => new TypeError('fetch failed', { cause: new Error('The sandbox cut the connection.') });

/** Resolves to the reason once the signal aborts. `until` takes the listener away. */
const abortion = (signal: AbortSignal, until?: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true, ...(until && { signal: until }) });
  });

const rejection = (reason: unknown): Promise<never> => Promise.reject(reason);
