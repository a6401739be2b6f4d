import type { Delivery, Outcome } from './outcome.ts';

/** What a caller of `fetch` gets of an outcome: an answer or a rejection, as from a network. */
export const received = ({ delivery, response }: Outcome, signal: AbortSignal): Promise<Response> => receptions[delivery](response, signal);

const receptions: Readonly<Record<Delivery, (response: Response | undefined, signal: AbortSignal) => Promise<Response>>> = {
  whole: async (response) => response ?? Promise.reject(cut()),
  half: async (response) => (response ? half(response) : Promise.reject(cut())),
  closed: () => Promise.reject(cut()),
  reset: () =>
    Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) })),
  never: (_, signal) => abortion(signal).then(rejection),
};

/** What `fetch` rejects with when the network fails, in every runtime. */
const cut = (message = 'fetch failed'): TypeError => new TypeError(message, { cause: new Error('The sandbox cut the connection.') });

/** The length of the whole, half of the body, and then an error. An answer without a body stays as it is. */
const half = async (response: Response): Promise<Response> => {
  if (response.body === null) return response;
  const bytes = new Uint8Array(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  headers.set('content-length', String(bytes.byteLength));
  let sent = false;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      if (sent) controller.error(cut('terminated'));
      else controller.enqueue(bytes.slice(0, bytes.byteLength / 2));
      sent = true;
    },
  });
  return new Response(body, { status: response.status, headers });
};

/** Resolves to the reason once the signal aborts. `until` takes the listener away. */
export const abortion = (signal: AbortSignal, until?: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true, ...(until && { signal: until }) });
  });

/** For the end of a chain of promises. */
export const rejection = (reason: unknown): Promise<never> => Promise.reject(reason);
