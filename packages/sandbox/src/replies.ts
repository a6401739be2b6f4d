import { type Clock, sleep } from '@auth/core';
import type { FaultReply } from './fault.ts';
import { type Outcome, whole, withHeader } from './outcome.ts';

/** What a fault is played with. */
export interface Scene {
  readonly request: Request;
  readonly clock: Clock;
  /** The vendor's own answer, which takes effect. */
  readonly answer: (request: Request) => Response | Promise<Response>;
  readonly errors: ReadonlyMap<string, (request: Request) => Response>;
  readonly endToken: (request: Request) => void | Promise<void>;
}

type Kind = FaultReply['kind'];
type Replies = { readonly [K in Kind]: (reply: Extract<FaultReply<string>, { kind: K }>, scene: Scene) => Outcome | Promise<Outcome> };

/** Lets a request go wrong. */
export const play = (reply: FaultReply<string>, scene: Scene): Outcome | Promise<Outcome> => {
  // The compiler does not see that a row of the table takes the kind it stands under.
  const row = replies[reply.kind] as (reply: FaultReply<string>, scene: Scene) => Outcome | Promise<Outcome>;
  return row(reply, scene);
};

const replies: Replies = {
  status: ({ status, body, headers }) => whole(new Response(body ?? null, { status, headers: new Headers(headers) })),
  error: ({ error }, { request, errors }) => whole(errors.get(error)?.(request) ?? new Response(null, { status: 500 })),
  rateLimited: ({ retryAfter }) =>
    whole(new Response(null, { status: 429, ...(retryAfter !== undefined && { headers: { 'retry-after': String(retryAfter) } }) })),
  html: ({ status = 502 }) => whole(new Response(gatewayPage(status), { status, headers: { 'content-type': 'text/html; charset=utf-8' } })),
  contentType: async ({ contentType }, scene) => whole(withHeader(await answered(scene), 'content-type', contentType)),
  invalidJson: async (_, scene) => whole(await halved(await answered(scene))),
  truncated: async (_, scene) => ({ delivery: 'half', response: await answered(scene) }),
  huge: async ({ bytes = 10 * 2 ** 20 }, scene) => whole(await padded(await answered(scene), bytes)),
  latency: async ({ milliseconds }, scene) =>
    (await elapsed(scene.clock, milliseconds, scene.request.signal)) ? whole(await answered(scene)) : { delivery: 'never' },
  skewedDate: async ({ milliseconds }, scene) => {
    const response = await answered(scene);
    return whole(withHeader(response, 'date', new Date(scene.clock.now() + milliseconds).toUTCString()));
  },
  endedToken: async (_, scene) => {
    await scene.endToken(scene.request);
    return whole(await answered(scene));
  },
  lost: async (_, scene) => ({ delivery: 'closed', response: await answered(scene) }),
  unreachable: () => ({ delivery: 'closed' }),
  reset: () => ({ delivery: 'reset' }),
  hang: () => ({ delivery: 'never' }),
};

const answered = async ({ request, answer }: Scene): Promise<Response> => answer(request);

const gatewayPage = (status: number): string => `<!doctype html>
<html lang="en">
<head><title>${status} from the gateway</title></head>
<body><h1>The gateway has no answer for you</h1><p>Status ${status}. The service behind it was not asked.</p></body>
</html>
`;

const halved = async (response: Response): Promise<Response> => {
  if (response.body === null) return response;
  const text = await response.text();
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  return new Response(text.slice(0, text.length / 2), { status: response.status, headers });
};

/** The same answer behind white space, which is made as it is read. */
const padded = async (response: Response, bytes: number): Promise<Response> => {
  if (response.body === null) return response;
  const text = new Uint8Array(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  headers.set('content-length', String(bytes + text.byteLength));
  let left = bytes;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      if (left > 0) {
        const length = Math.min(left, PIECE);
        left -= length;
        controller.enqueue(new Uint8Array(length).fill(SPACE));
        return;
      }
      controller.enqueue(text);
      controller.close();
    },
  });
  return new Response(body, { status: response.status, headers });
};

const PIECE = 2 ** 16;
const SPACE = 0x20;

/** Resolves to `true` after this many milliseconds, or to `false` as soon as the signal aborts. Someone waits, so the process stays for it. */
const elapsed = (clock: Clock, milliseconds: number, signal: AbortSignal): Promise<boolean> =>
  sleep(clock, milliseconds, { signal, ref: true }).then(
    () => true,
    () => false,
  );
