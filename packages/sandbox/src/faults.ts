import type { Clock } from '@auth/core';
import type { Fault, FaultReply } from './fault.ts';
import { faultParser } from './fault-schema.ts';
import type { Random } from './random.ts';

/** Faults waiting for their requests. The one that was added first wins. */
export interface Faults<ErrorName extends string = never> {
  /** Throws a `TypeError` that says what to change if the fault could not be played. */
  readonly add: (fault: Fault<ErrorName>) => void;
  /** Drops the faults that are still waiting. */
  readonly clear: () => void;
}

/** A fault that waits, and how many times: `null` without end. */
export interface WaitingFault {
  readonly fault: Fault<string>;
  readonly left: number | null;
}

/** The faults of a sandbox, as the frame uses them. */
export interface FaultQueue {
  /** Throws like that of `Faults`, for whatever was sent. */
  readonly add: (fault: unknown) => void;
  readonly clear: () => void;
  /** The reply for this request, which uses up one of the fault's times. */
  readonly take: (method: string, path: string) => FaultReply<string> | undefined;
  readonly waiting: () => readonly WaitingFault[];
}

interface QueueOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** What the kind `error` can name. */
  readonly errorNames: readonly string[];
}

/** Faults that wait for their requests, oldest first. */
export const faultQueue = ({ clock, random, errorNames }: QueueOptions): FaultQueue => {
  const parse = faultParser(errorNames);
  let waiting: readonly { readonly fault: Fault<string>; readonly endsAt: number; left: number }[] = [];

  const prune = (): void => {
    const now = clock.monotonic();
    waiting = waiting.filter(({ left, endsAt }) => left > 0 && now < endsAt);
  };

  // Draws only where chance decides, so that other faults leave the order of a seeded `random` alone.
  const strikes = ({ probability }: Fault<string>): boolean => probability === undefined || random() < probability;

  return {
    add: (given) => {
      const fault = parse(given);
      const { probability, lasts = Number.POSITIVE_INFINITY } = fault;
      const { times = probability === undefined && fault.lasts === undefined ? 1 : Number.POSITIVE_INFINITY } = fault;
      waiting = [...waiting, { fault, left: times, endsAt: clock.monotonic() + lasts }];
    },
    clear: () => {
      waiting = [];
    },
    take: (method, path) => {
      if (waiting.length === 0) return undefined;
      prune();
      const found = waiting.find(({ fault }) => matches(fault, method, path) && strikes(fault));
      if (found === undefined) return undefined;
      found.left -= 1;
      return found.fault.reply;
    },
    waiting: () => {
      prune();
      return waiting.map(({ fault, left }) => ({ fault, left: Number.isFinite(left) ? left : null }));
    },
  };
};

const matches = ({ method, path = '*' }: Fault<string>, requestMethod: string, requestPath: string): boolean => {
  if (method !== undefined && method !== requestMethod) return false;
  return path.endsWith('*') ? requestPath.startsWith(path.slice(0, -1)) : requestPath === path;
};
