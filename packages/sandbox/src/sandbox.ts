import type { Clock, Fetch } from '@auth/core';
import { adminApi, isAdminPath } from './admin.ts';
import { annotationOf } from './annotate.ts';
import { type Call, callLog, maskedQuery, shortened } from './calls.ts';
import type { SandboxClock } from './clock.ts';
import type { FaultReply } from './fault.ts';
import type { Faults } from './faults.ts';
import { faultQueue } from './faults.ts';
import { abortion, received, rejection } from './in-process.ts';
import { type Outcome, whole, withHeader } from './outcome.ts';
import type { Random } from './random.ts';
import { play } from './replies.ts';
import type { Vendor } from './vendor.ts';

/** A sandbox that listens. */
export interface Listening {
  /** Base URL for a provider; ends in a slash. Names the loopback address where the sandbox listens on every one. */
  readonly url: string;
  /** Stops listening and cuts every open connection. */
  readonly close: () => Promise<void>;
}

/** Where a sandbox listens. */
export interface ListenOptions {
  /** Default: a free one. */
  readonly port?: number | undefined;
  /** Default `127.0.0.1`. On an address that is not this machine's own, everybody in the network reaches the sandbox and its admin API. */
  readonly host?: string | undefined;
}

/** What both sandboxes can be told. */
export interface SandboxOptions {
  /** Where the vendor's time comes from. Default: `systemClock`. */
  readonly clock?: Clock | undefined;
  /** Makes credentials and tokens; a seeded function makes them the same in every run. Default: `Math.random`, as nothing here is worth guarding. */
  readonly random?: Random | undefined;
  /** How many calls are kept, the latest ones. Default 10,000. */
  readonly callLimit?: number | undefined;
  /** Is told each call when it is logged. What it throws is ignored. */
  readonly observe?: ((call: Call) => void) | undefined;
}

/** An emulated vendor. Each has its own state; nothing is shared between two of them. */
export interface Sandbox<Credentials, ErrorName extends string = never> {
  /** Answers in process, on any host name. Honours the request's signal. Follows no redirect, whatever the request says. */
  readonly fetch: Fetch;
  /** Answers over HTTP. Node only. */
  readonly listen: (options?: ListenOptions) => Promise<Listening>;
  /** One account that is ready to use. */
  readonly credentials: Readonly<Credentials>;
  /** The latest requests, in the order of the answers, refused and faulty ones too. */
  readonly calls: readonly Call[];
  /** The environment variables that point a provider at this sandbox, which listens at `url`. Holds secrets. */
  readonly environment: (url: string) => Record<string, string>;
  /** Moves the vendor's time on by so many milliseconds, and ends the latencies that are over by then. */
  readonly advance: (milliseconds: number) => void;
  /** The vendor ends every token now. Users stay. */
  readonly expireTokens: () => void;
  /** Back to the state at creation: no calls, no faults, no tokens, nothing locked, the time of its clock. The credentials stay. */
  readonly reset: () => void;
  /** Makes requests go wrong on demand. */
  readonly faults: Faults<ErrorName>;
}

interface FrameOptions<Credentials, ErrorName extends string> {
  readonly vendor: Vendor<Credentials, ErrorName>;
  readonly clock: SandboxClock;
  readonly random: Random;
  readonly callLimit?: number | undefined;
  readonly observe?: ((call: Call) => void) | undefined;
}

/** Puts the call log, the faults, the admin API and both ways of transport around a vendor. */
export const sandboxFrame = <Credentials, ErrorName extends string>({
  vendor,
  clock,
  random,
  callLimit = 10_000,
  observe,
}: FrameOptions<Credentials, ErrorName>): Sandbox<Credentials, ErrorName> => {
  const log = callLog(callLimit, observe);
  const errors = new Map(Object.entries<(request: Request) => Response>(vendor.errors));
  const faults = faultQueue({ clock, random, errorNames: [...errors.keys()] });
  const { answer, endToken, visibleQuery } = vendor;

  const reset = (): void => {
    log.clear();
    faults.clear();
    clock.reset();
    vendor.reset();
  };

  const admin = adminApi({ vendor, clock, faults, calls: log.calls, reset });

  const noted = (request: Request, { pathname, search }: URL, status: number, fault?: FaultReply['kind']): Call => {
    const code = annotationOf(request);
    const query = maskedQuery(search, visibleQuery);
    return {
      method: request.method,
      path: shortened(pathname),
      status,
      at: clock.now(),
      ...(query !== '' && { query }),
      ...(code !== undefined && { code }),
      ...(fault !== undefined && { fault }),
    };
  };

  const outcomeOf = async (request: Request, ownHostOnly: boolean): Promise<Outcome> => {
    const url = new URL(request.url);
    if (isAdminPath(url.pathname)) return dated(whole(await admin(request, ownHostOnly)), clock);
    const reply = faults.take(request.method, url.pathname);
    const outcome = reply ? await play(reply, { request, clock, answer, errors, endToken }) : whole(await answer(request));
    log.add(noted(request, url, outcome.response?.status ?? 0, reply?.kind));
    return dated(outcome, clock);
  };

  return {
    credentials: vendor.credentials,
    environment: vendor.environment,
    expireTokens: vendor.expireTokens,
    advance: clock.advance,
    calls: log.calls,
    faults: { add: faults.add, clear: faults.clear },
    fetch: inProcess((request) => outcomeOf(request, false)),
    listen: async (options) => {
      const { listen } = await import('./listen.ts');
      const { origin, close } = await listen({ answer: outcomeOf, clock, ...options });
      return { url: origin + vendor.basePath, close };
    },
    reset,
  };
};

/** With the vendor's time: the runtime's own Date header would tell the machine's, and clients learn the vendor's clock from it. */
const dated = (outcome: Outcome, clock: Clock): Outcome => {
  const { response } = outcome;
  if (response === undefined || response.headers.has('date')) return outcome;
  return { ...outcome, response: withHeader(response, 'date', new Date(clock.now()).toUTCString()) };
};

const inProcess = (outcomeOf: (request: Request) => Promise<Outcome>): Fetch => {
  /**
   * What is being answered, with what it was made of. A runtime links a request to its caller's signal weakly: one that nothing
   * else holds is collected while it hangs, and would never hear of the abort.
   */
  const pending = new Set<object>();
  return async (input, init) => {
    const request = new Request(input, init);
    request.signal.throwIfAborted();
    const answered = new AbortController();
    const held = [request, input, init];
    pending.add(held);
    try {
      const answer = outcomeOf(request).then((outcome) => received(outcome, request.signal));
      return await Promise.race([answer, abortion(request.signal, answered.signal).then(rejection)]);
    } finally {
      answered.abort();
      pending.delete(held);
    }
  };
};
