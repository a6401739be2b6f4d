import type { FaultReply } from './fault.ts';
import { InvalidArgument } from './invalid-argument.ts';

/** One request as the sandbox saw it. Holds no secret: headers and bodies are left out, values in the query are masked. */
export interface Call {
  readonly method: string;
  /** Without the query, percent-encoded. More than 1,000 characters end in `…`. */
  readonly path: string;
  /** As answered; for a lost answer what it would have been, 0 where nothing was answered. */
  readonly status: number;
  /** Epoch milliseconds by the sandbox's clock, when the answer was ready. */
  readonly at: number;
  /** With `?`, percent-encoded; values that could be secret are `***`. More than 1,000 characters end in `…`. Absent without a query. */
  readonly query?: string;
  /** The vendor's error code. Absent where the vendor did not refuse. */
  readonly code?: string;
  /** The kind of the fault that the request ran into. Absent without one. */
  readonly fault?: FaultReply['kind'];
}

/** The latest calls. */
export interface CallLog {
  /** Oldest first. Changes as calls are added. */
  readonly calls: readonly Call[];
  readonly add: (call: Call) => void;
  readonly clear: () => void;
}

/** Keeps the latest calls and tells each to the observer, whose failures are ignored. */
export const callLog = (limit: number, observe: ((call: Call) => void) | undefined): CallLog => {
  if (!(limit >= 0)) throw new InvalidArgument('callLimit: give a number from 0 on.');
  const calls: Call[] = [];
  return {
    calls,
    add: (call) => {
      calls.push(call);
      if (calls.length > limit) calls.shift();
      if (observe !== undefined) void told(observe, call);
    },
    clear: () => {
      calls.length = 0;
    },
  };
};

const LONGEST = 1_000;
const LONGEST_NAME = 40;

/** A path or a query that fits into a log. */
export const shortened = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

/** A query, as `URL` writes it, in which only the visible parameters show their values. Empty without one. */
export const maskedQuery = (search: string, visible: ReadonlySet<string>): string => {
  if (search.length < 2) return '';
  const parts = search.slice(1).split('&');
  return shortened(`?${parts.map((part) => maskedPart(part, visible)).join('&')}`);
};

const maskedPart = (part: string, visible: ReadonlySet<string>): string => {
  const end = part.indexOf('=');
  const name = end < 0 ? part : part.slice(0, end);
  if (part === '' || visible.has(name)) return part;
  // What has no value, or a long name, could be the rest of a secret that nobody encoded.
  return end < 0 || name.length > LONGEST_NAME ? '***' : `${name}=***`;
};

/** Asynchronous, so that an observer that throws and one that rejects are the same. */
const told = async (observe: (call: Call) => unknown, call: Call): Promise<void> => {
  try {
    await observe(call);
  } catch {
    // The observer's own affair.
  }
};
