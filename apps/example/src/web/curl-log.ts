import type { Fetch } from '@auth/core';
import { curlOf, type ShownRequest } from './curl.ts';

/** A request to a vendor, or several that look the same and came one after the other. Holds no secret. */
export interface CurlEntry {
  /** Of the latest, epoch milliseconds. */
  readonly at: number;
  readonly provider: string;
  readonly curl: string;
  /** How often each status came; 0 where no answer came. */
  readonly statuses: ReadonlyMap<number, number>;
  /** How many are on their way. */
  readonly open: number;
}

/** The latest requests. */
export interface CurlLog {
  /** Newest first. */
  readonly entries: () => readonly CurlEntry[];
  /** A `fetch` that notes what goes through it, for one vendor. */
  readonly around: (provider: string, fetch: Fetch) => Fetch;
}

/** Notes requests as redacted curl lines. `known` answers the values that have a name, as they are at the moment. */
export const createCurlLog = ({
  known,
  limit = 100,
}: {
  readonly known: () => ReadonlyMap<string, string>;
  readonly limit?: number;
}): CurlLog => {
  // Under keys that stay, as an entry is another object after each change.
  let entries: ReadonlyMap<symbol, CurlEntry> = new Map();

  const begin = (provider: string, curl: string): symbol => {
    const [latest] = [...entries].slice(-1);
    const isSame = latest?.[1].curl === curl && latest[1].provider === provider;
    const key = isSame ? latest[0] : Symbol(provider);
    const before = isSame ? latest[1] : { statuses: new Map<number, number>(), open: 0 };
    const next = new Map(entries).set(key, { at: Date.now(), provider, curl, statuses: before.statuses, open: before.open + 1 });
    entries = new Map([...next].slice(-limit));
    return key;
  };
  const end = (key: symbol, status: number): void => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    const statuses = new Map(entry.statuses).set(status, (entry.statuses.get(status) ?? 0) + 1);
    entries = new Map(entries).set(key, { ...entry, statuses, open: entry.open - 1 });
  };

  return {
    entries: () => [...entries.values()].toReversed(),
    around: (provider, fetch) => async (input, init) => {
      const key = begin(provider, curlOf(await shown(input, init), known()));
      let status = 0;
      try {
        const response = await fetch(input, init);
        ({ status } = response);
        return response;
      } finally {
        end(key, status);
      }
    },
  };
};

/** Reads a copy, so that what is sent stays as it is. */
const shown = async (input: Parameters<Fetch>[0], init: RequestInit | undefined): Promise<ShownRequest> => {
  const request = input instanceof Request ? input : undefined;
  const body = init?.body ?? undefined;
  return {
    method: init?.method ?? request?.method ?? 'GET',
    url: request?.url ?? String(input),
    headers: new Headers(init?.headers ?? request?.headers),
    body: body === undefined ? (await request?.clone().text()) || undefined : textOf(body),
  };
};

/** A body that can be read once is left to the request. */
const textOf = (body: BodyInit): string => {
  if (typeof body === 'string' || body instanceof URLSearchParams) return String(body);
  return body instanceof ArrayBuffer || ArrayBuffer.isView(body) ? new TextDecoder().decode(body) : '';
};
