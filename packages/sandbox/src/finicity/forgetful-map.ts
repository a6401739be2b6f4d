import type { Clock } from '@auth/core';

/** Times by text, of which the oldest entries are forgotten when there are too many or they are long over. */
export interface ForgetfulMap {
  /** Remembers until when this holds, in epoch milliseconds. */
  readonly set: (key: string, until: number) => void;
  readonly get: (key: string) => number | undefined;
  readonly values: () => IterableIterator<number>;
  /** Nothing holds from now on. */
  readonly end: (key?: string) => void;
  readonly clear: () => void;
}

/** Each `set` looks at the oldest entry only, so none costs more when there are many. */
export const forgetfulMap = ({
  clock,
  limit,
  remember,
}: {
  readonly clock: Clock;
  readonly limit: number;
  /** Milliseconds for which an entry is kept after its time. */
  readonly remember: number;
}): ForgetfulMap => {
  const entries = new Map<string, number>();

  const forget = (): void => {
    const now = clock.now();
    for (const [key, until] of entries) {
      if (entries.size <= limit && now < until + remember) return;
      entries.delete(key);
    }
  };
  const endOne = (key: string): void => {
    const until = entries.get(key);
    if (until !== undefined) entries.set(key, Math.min(until, clock.now()));
  };

  return {
    set: (key, until) => {
      entries.set(key, until);
      forget();
    },
    get: (key) => entries.get(key),
    values: () => entries.values(),
    end: (key) => {
      if (key !== undefined) endOne(key);
      else for (const each of entries.keys()) endOne(each);
    },
    clear: () => entries.clear(),
  };
};
