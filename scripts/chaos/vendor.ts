import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { type Asked, CLIENT_TIMEOUT, clientOf, type Issued, MARKER, RIGHT_SECRET } from './protocol.ts';
import type { RunRecord } from './record.ts';

/** How token requests fail. A refresh token is not spent by a 503 or a 429, and may be by a reset. */
export const FAULTS = ['hang', 'slow', 'reset', '429', '503'] as const;
export type Fault = (typeof FAULTS)[number];

/** A token request as the vendor saw it: from its arrival until it was answered, or its connection was gone. */
export interface TokenRequest extends Asked {
  readonly from: number;
  to: number;
}

/** A vendor on the loopback interface. It has never heard of the engine. */
export interface Vendor {
  readonly url: string;
  readonly requests: readonly TokenRequest[];
  /** Most token requests fail like this for some milliseconds. */
  readonly fail: (fault: Fault, milliseconds: number) => void;
  /** Ends every token that the subject has. */
  readonly revoke: (subject: string) => void;
  /** The user connects again: what the product adopts. */
  readonly connect: (subject: string) => Issued;
  readonly close: () => void;
}

/** Starts one. `random` gives numbers from 0 to 1. */
export const startVendor = async (random: () => number, { note, violated }: RunRecord): Promise<Vendor> => {
  const requests: TokenRequest[] = [];
  const tokens = new Map<string, { readonly subject: string; readonly end: number; isRevoked: boolean }>();
  /** The request that each refresh token was sent with. */
  const sentBy = new Map<string, TokenRequest | null>();
  /** A refresh token that was refused stays with the product until the user connects again. */
  const spentTwice = new Set<string>();
  let trouble: { readonly fault: Fault; readonly until: number } | undefined;
  let issued = 0;
  const between = (from: number, to: number): number => from + (to - from) * random();

  const issue = (subject: string): Issued => {
    issued += 1;
    const lifetime = subject.startsWith('permanent') ? null : Math.round(between(6_000, 9_000));
    const [value, refreshToken] = [`${MARKER}-token-${issued}`, clientOf(subject) === 'rotating' ? `${MARKER}-refresh-${issued}` : null];
    tokens.set(value, { subject, end: Date.now() + (lifetime ?? Number.POSITIVE_INFINITY), isRevoked: false });
    if (refreshToken !== null) sentBy.set(refreshToken, null);
    return { value, lifetime, refreshToken };
  };

  const answer = async (request: TokenRequest, incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { subject, secret, refreshToken } = request;
    const reply = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): void => {
      request.to = Math.min(request.to, Date.now());
      note(`${request.pid} ${subject} ${refreshToken} got ${status} ${JSON.stringify(body)}`);
      response.writeHead(status, headers).end(JSON.stringify(body));
    };
    if (secret !== `${RIGHT_SECRET} of ${clientOf(subject)}`) return reply(401, { error: 'invalid_client' });
    if (refreshToken !== null) {
      const before = sentBy.get(refreshToken);
      if (before !== null) {
        const ago = `${request.from - (before?.from ?? 0)} ms after ${before?.pid}`;
        if (!spentTwice.has(refreshToken)) violated(`${request.pid} sent a refresh token of ${subject} again, ${ago}: ${refreshToken}`);
        spentTwice.add(refreshToken);
        return reply(400, { error: 'invalid_grant' });
      }
      sentBy.set(refreshToken, request);
    }
    const fault = trouble && Date.now() < trouble.until && random() < 0.7 ? trouble.fault : undefined;
    if (fault === '429' || fault === '503') {
      if (refreshToken !== null) sentBy.set(refreshToken, null);
      return reply(Number(fault), { error: 'later' }, fault === '429' ? { 'retry-after': '1' } : {});
    }
    if (fault === 'hang') return;
    await setTimeout(fault === 'slow' ? between(0.1, 1.2) * CLIENT_TIMEOUT : between(20, 300));
    // Before or after the refresh token was spent.
    if (fault === 'reset' && random() < 0.5) return void incoming.socket.resetAndDestroy();
    const fresh = issue(subject);
    if (fault === 'reset') return void incoming.socket.resetAndDestroy();
    reply(200, fresh);
  };

  const server = createServer(async (incoming, response) => {
    if (incoming.url === '/data') {
      const token = tokens.get(incoming.headers.authorization ?? '');
      response.writeHead(token !== undefined && !token.isRevoked && Date.now() < token.end ? 204 : 401).end();
      return;
    }
    const from = Date.now();
    const body = await text(incoming).catch(() => undefined);
    // Its process was killed before it had sent all of it.
    if (body === undefined) return;
    const asked: Asked = JSON.parse(body);
    const request = { ...asked, from, to: Number.POSITIVE_INFINITY };
    requests.push(request);
    response.on('close', () => {
      request.to = Math.min(request.to, Date.now());
    });
    await answer(request, incoming, response);
  });
  // A connection that the vendor closes while it is used would look like a lost answer.
  server.keepAliveTimeout = 0;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    requests,
    fail: (fault, milliseconds) => {
      trouble = { fault, until: Date.now() + milliseconds };
    },
    revoke: (subject) => {
      for (const token of tokens.values()) if (token.subject === subject) token.isRevoked = true;
    },
    connect: issue,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
