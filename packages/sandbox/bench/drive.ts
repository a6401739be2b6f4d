import { Agent, type IncomingMessage, request } from 'node:http';
import type { Send, Session, Step } from './sessions.ts';

/** What came of a run. */
export interface Drive {
  readonly sent: number;
  /** Milliseconds from the time at which the request was due, sorted. */
  readonly latencies: Float64Array;
  /** Wrong statuses and cut connections: how many, by what happened. */
  readonly errors: ReadonlyMap<string, number>;
  /** Milliseconds from the first due time to the last answer. */
  readonly took: number;
}

/** How to drive a server. */
export interface DriveOptions {
  readonly url: string;
  readonly session: Session;
  readonly seconds: number;
  /** Requests per second, on schedule whatever the answers take; `null` for as many as the clients can. */
  readonly rate: number | null;
  /** Clients, each with one request at a time. */
  readonly clients: number;
}

class Over extends Error {}

/** Lets so many clients go through the session again and again, over connections that are kept. */
export const drive = async ({ url, session, seconds, rate, clients }: DriveOptions): Promise<Drive> => {
  // In turn, so that no connection is idle for so long that the server closes it.
  const agent = new Agent({ keepAlive: true, maxSockets: clients, scheduling: 'fifo' });
  const latencies: number[] = [];
  const errors = new Map<string, number>();
  const schedule = scheduleOf(rate, seconds);
  const started = performance.now();

  const send: Send = async (step) => {
    const due = await schedule.turn();
    const { status, body } = await exchange(new URL(step.path, url), step, agent);
    latencies.push(performance.now() - due);
    if (status === step.status) return body;
    const error = `${step.name}: ${status}`;
    errors.set(error, (errors.get(error) ?? 0) + 1);
    return {};
  };
  const client = async (): Promise<void> => {
    for (;;) await session(send);
  };

  const ends = await Promise.allSettled(Array.from({ length: clients }, client));
  for (const end of ends) if (end.status === 'rejected' && !(end.reason instanceof Over)) throw end.reason;
  agent.destroy();
  return { sent: latencies.length, latencies: Float64Array.from(latencies).sort(), errors, took: performance.now() - started };
};

interface Schedule {
  /** Resolves to the time at which the request was due, rejects with `Over` when there are no more. */
  readonly turn: () => Promise<number>;
}

/** Times that pass while all clients are busy are kept, so that a slow server cannot slow the schedule down. */
const scheduleOf = (rate: number | null, seconds: number): Schedule => {
  const started = performance.now();
  const end = started + seconds * 1000;
  if (rate === null) {
    return {
      turn: async () => {
        const now = performance.now();
        if (now >= end) throw new Over();
        return now;
      },
    };
  }
  const total = rate * seconds;
  const dueOf = (index: number): number => started + (index * 1000) / rate;
  const waiting: { readonly take: (due: number) => void; readonly stop: (error: Over) => void }[] = [];
  let taken = 0;

  const tick = (): void => {
    const now = performance.now();
    while (taken < total && dueOf(taken) <= now) {
      const first = waiting.shift();
      if (first === undefined) break;
      first.take(dueOf(taken));
      taken += 1;
    }
    if (taken < total) setTimeout(tick, 1);
    else for (const { stop } of waiting.splice(0)) stop(new Over());
  };
  setTimeout(tick, 1);
  return {
    turn: () => (taken >= total ? Promise.reject(new Over()) : new Promise((take, stop) => waiting.push({ take, stop }))),
  };
};

type Answer = { readonly status: number | string; readonly body: Awaited<ReturnType<Send>> };

const exchange = (url: URL, { method, headers, body }: Step, agent: Agent): Promise<Answer> =>
  new Promise((resolve) => {
    const json = body === undefined ? undefined : JSON.stringify(body);
    const content = json === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) };
    const failed = (error: NodeJS.ErrnoException): void => resolve({ status: error.code ?? error.message, body: {} });
    request(url, { method, agent, headers: { ...headers, ...content } }, (response) => read(response).then(resolve, failed))
      .on('error', failed)
      .end(json);
  });

const read = async (response: IncomingMessage): Promise<Answer> => {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  const isJson = response.headers['content-type']?.startsWith('application/json');
  return { status: response.statusCode ?? 0, body: isJson ? JSON.parse(text) : {} };
};
