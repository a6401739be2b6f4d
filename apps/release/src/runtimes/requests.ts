import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Result } from './runtime.ts';
import type { Settings } from './settings.ts';

/** As much of a worker as is used. */
export interface Dispatching {
  readonly dispatchFetch: (url: string, init: { readonly method: string; readonly body: string }) => Promise<Response>;
}

/** What the engine of a product in the worker has. */
interface Kind {
  readonly store?: true;
  readonly observe?: true;
  readonly fingerprint?: true;
  readonly waitUntil?: true;
  /** Finicity, as the recipe for Workers has it. */
  readonly provider?: true;
}

/** What a request got: the token or an error's code, and after how many milliseconds of the product's clock. */
interface Answer {
  readonly got: string;
  readonly waited: number;
  readonly heard?: readonly string[];
}

type Ask = (what: 'call' | 'begin' | 'leave' | 'idle', idle: number) => Promise<Answer>;

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

/** Milliseconds of real time: much longer than any request may wait. */
const HANGS = 20_000;

/** How long a request may wait, by its product's clock: for a flight whose request has ended, for its lease, and for the machine. */
const LONGEST = 60 * SECOND;

const KINDS: readonly Kind[] = [
  {},
  { observe: true },
  { store: true },
  { fingerprint: true },
  { store: true, observe: true, fingerprint: true },
];

const nameOf = (kind: Kind): string => Object.keys(kind).join(', ') || 'alone';

/**
 * Many requests over hours, of a worker whose requests end while a token is asked for on their behalf: what such a request has begun ends
 * with it, without a word. Each later one has to be answered all the same.
 */
export const manyRequests = async (worker: Dispatching, { finicity }: Settings): Promise<readonly Result[]> => {
  const vendor = await slowVendor();
  const opened = (name: string, kind: Kind): Ask => {
    return async (what, idle) => {
      const account = { ...finicity.credentials, baseUrl: finicity.url };
      const body = JSON.stringify({ name, kind, vendor: vendor.url, finicity: account, do: what, idle });
      const answer = worker.dispatchFetch('http://worker/', { method: 'POST', body });
      const hangs = new Promise<'hangs'>((resolve) => setTimeout(() => resolve('hangs'), HANGS).unref());
      const response = await Promise.race([answer, hangs]);
      if (response === 'hangs') return { got: 'hangs', waited: Number.POSITIVE_INFINITY };
      return response.ok ? await response.json() : { got: `status ${response.status}: ${await response.text()}`, waited: 0 };
    };
  };
  const tried = async (story: Story, kind: Kind): Promise<Result> => {
    const name = `${story.name} (${nameOf(kind)})`;
    try {
      await story.run(opened(name, kind), () => vendor.asked(name));
      return { step: 'requests', ok: true };
    } catch (error) {
      return { step: 'requests', ok: false, detail: `${name}: ${error instanceof Error ? error.message : error}` };
    }
  };
  try {
    const told = (stories: readonly Story[]): Promise<readonly Result[]> =>
      Promise.all(stories.flatMap((story) => (story.kinds ?? KINDS).map((kind) => tried(story, kind))));
    return [...(await told(STORIES)), ...(await told(CROWDS))];
  } finally {
    await vendor.close();
  }
};

interface Story {
  readonly name: string;
  readonly kinds?: readonly Kind[];
  readonly run: (ask: Ask, asked: () => number) => Promise<void>;
}

/** What no token is called. */
const WORDS: ReadonlySet<string> = new Set(['hangs', 'timeout', 'aborted', 'unavailable', 'invalid_response', 'store_unavailable']);

const expectToken = ({ got, waited }: Answer, when: string, longest = LONGEST): void => {
  if (!/^[\w-]+$/.test(got) || WORDS.has(got)) throw new Error(`${when} a request got no token, but: ${got}.`);
  if (waited > longest) throw new Error(`${when} a request waited ${waited / SECOND} s.`);
};
const STORIES: readonly Story[] = [
  {
    name: 'twelve hours of requests, each of which ends at once',
    kinds: [...KINDS, { provider: true }, { provider: true, store: true }],
    run: async (ask) => {
      expectToken(await ask('call', 0), 'At first');
      for (let time = 0; time < 12 * HOUR; time += 20 * MINUTE) expectToken(await ask('call', 20 * MINUTE), `After ${time / HOUR} h`);
    },
  },
  {
    name: 'a request that ends in the middle, and one a minute later',
    run: async (ask) => {
      expectToken(await ask('call', 0), 'At first');
      await ask('begin', 2 * HOUR);
      expectToken(await ask('call', MINUTE), 'Then');
    },
  },
  {
    name: 'a request that ends in the middle, and one right after it',
    run: async (ask) => {
      expectToken(await ask('call', 0), 'At first');
      await ask('begin', 2 * HOUR);
      const { got, waited } = await ask('call', 0);
      if (got !== 'timeout') expectToken({ got, waited }, 'Then');
      if (waited > LONGEST) throw new Error(`The one right after it waited ${waited / SECOND} s.`);
      expectToken(await ask('call', 0), 'After that');
    },
  },
  {
    name: 'the very first request, which ends in the middle, and one a minute later',
    run: async (ask) => {
      await ask('begin', 0);
      expectToken(await ask('call', MINUTE), 'Then');
    },
  },
  {
    name: 'a caller who gives up',
    run: async (ask) => {
      expectToken(await ask('call', 0), 'At first');
      const { got } = await ask('leave', 2 * HOUR);
      if (got !== 'aborted') throw new Error(`The caller who gave up got ${got}.`);
      expectToken(await ask('call', SECOND), 'Then');
    },
  },
  {
    name: 'a renewal that `waitUntil` keeps alive',
    kinds: KINDS.map((kind) => ({ ...kind, waitUntil: true })),
    run: async (ask, asked) => {
      expectToken(await ask('call', 0), 'At first');
      expectToken(await ask('call', 90 * MINUTE), 'In its last half hour');
      // The vendor takes 50 ms.
      await new Promise((resolve) => setTimeout(resolve, 500));
      expectToken(await ask('call', 29 * MINUTE), 'In its last minute');
      if (asked() !== 2) throw new Error(`The vendor was asked ${asked()} times for two tokens.`);
    },
  },
];

/** After the others, which measure how long a request waits. */
const CROWDS: readonly Story[] = [
  {
    name: 'twenty requests at once, every two hours',
    run: async (ask, asked) => {
      for (let round = 1; round <= 3; round += 1) {
        await ask('idle', 2 * HOUR);
        const answers = await Promise.all(Array.from({ length: 20 }, () => ask('call', 0)));
        for (const answer of answers) expectToken(answer, `In round ${round}`);
        if (asked() !== round) throw new Error(`In round ${round} the vendor had been asked ${asked()} times.`);
      }
    },
  },
  {
    name: 'twenty requests at once, half of which end in the middle',
    run: async (ask) => {
      expectToken(await ask('call', 0), 'At first');
      await ask('idle', 2 * HOUR);
      const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(index % 2 === 0 ? 'begin' : 'call', 0)));
      for (const { got, waited } of answers.filter((_, index) => index % 2 === 1)) {
        // What a request had begun that ended meanwhile is lost, and whoever waits for that is told so, in time.
        if (got !== 'timeout') expectToken({ got, waited }, 'At the same time');
        if (waited > LONGEST) throw new Error(`One of them waited ${waited / SECOND} s.`);
      }
      expectToken(await ask('call', MINUTE), 'After that');
    },
  },
];

/** A vendor that takes its time, and counts. */
const slowVendor = async () => {
  const asked = new Map<string, number>();
  const server = createServer(({ url = '' }, response) => {
    const { searchParams } = new URL(url, 'http://vendor/');
    const name = searchParams.get('name');
    const count = (asked.get(name ?? '') ?? 0) + 1;
    asked.set(name ?? '', count);
    setTimeout(() => response.end(`token-${count}`), Number(searchParams.get('wait') ?? 50));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${port}/`,
    asked: (name: string) => asked.get(name) ?? 0,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
