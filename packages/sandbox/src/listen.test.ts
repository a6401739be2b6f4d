import { describe, expect, it, onTestFinished } from 'vitest';
import { date, framed, PATH, start, turn, until } from '../test/vendors.ts';
import { type Wire, wire } from '../test/wire.ts';
import type { FaultReply } from './index.ts';

/** A sandbox that listens until the test is over, with the faults that wait in it. */
const serve = async (host?: string, ...replies: readonly FaultReply[]) => {
  const { sandbox, clock } = framed();
  const { url, close } = await sandbox.listen({ host });
  onTestFinished(close);
  for (const reply of replies) sandbox.faults.add({ reply });
  const ask = (init?: RequestInit): Promise<Response> => fetch(new URL(PATH, url), { method: 'POST', ...init });
  const dial = (sent: string): Wire => {
    const dialled = wire(url, sent);
    onTestFinished(() => {
      dialled.socket.destroy();
    });
    return dialled;
  };
  return { sandbox, clock, url, close, ask, dial, stillAnswers: async () => expect((await ask()).status).toBe(200) };
};
const faulty = (...replies: readonly FaultReply[]) => serve(undefined, ...replies);

const get = (path: string, headers = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
const post = (framing: string): string => `POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${framing}\r\n\r\n`;
const ENDED = '\r\n\r\n';

describe('the server', () => {
  it.each([
    [undefined, /^http:\/\/127\.0\.0\.1:\d+\/2\.0\/$/],
    ['::1', /^http:\/\/\[::1\]:\d+\/2\.0\/$/],
    // Not every system connects to no address.
    ['0.0.0.0', /^http:\/\/127\.0\.0\.1:\d+\/2\.0\/$/],
    ['::', /^http:\/\/\[::1\]:\d+\/2\.0\/$/],
  ])('names its address when it listens on %s, and does the same as the fetch in process', async (host, expected) => {
    const runtime = [globalThis.Request, globalThis.Response];
    const { sandbox, url, ask } = await serve(host);
    expect(url).toMatch(expected);
    const { status, headers } = await ask();
    expect([status, headers.get('date')]).toEqual([200, date]);
    await sandbox.fetch(`http://sandbox.example${PATH}`, { method: 'POST' });
    expect(sandbox.calls).toEqual(Array(2).fill({ method: 'POST', path: PATH, status: 200, at: start }));
    // The runtime's own stay in place.
    expect([globalThis.Request, globalThis.Response]).toEqual(runtime);
  });

  it('listens on a port that is asked for, and rejects when it is taken', async () => {
    const first = await serve();
    const port = Number(new URL(first.url).port);
    await expect(framed().sandbox.listen({ port })).rejects.toThrow('EADDRINUSE');
    await first.close();
    const second = await framed().sandbox.listen({ port });
    onTestFinished(second.close);
    expect(second.url).toBe(first.url);
  });

  it.each([
    ['the whole server', 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['no method', `BREW ${PATH} HTTP/1.1\r\nHost: x\r\n\r\n`, 400],
    ['an absolute form', get(`http://elsewhere.example${PATH}`), 405],
    ['a path like an authority', get('//elsewhere.example/path'), 404],
    ['a broken absolute form', get('http://'), 400],
    ['a backslash', get('/\\elsewhere'), 400],
    ['half an encoding in the path', get(`${PATH}/%E0%A4%A`), 404],
    ['half an encoding in the query', get(`${PATH}?search=%&limit=%zz`), 405],
    ['a null', get(`${PATH}/%00`), 404],
    ['no host', `GET ${PATH} HTTP/1.1\r\n\r\n`, 405],
    ['an odd host', `GET ${PATH} HTTP/1.1\r\nHost: a b<c>\r\n\r\n`, 400],
    ['HTTP/1.0', `GET ${PATH} HTTP/1.0\r\n\r\n`, 405],
    ['an expectation', get(PATH, 'Expect: the-unexpected\r\n'), 405],
    ['an upgrade', get(PATH, 'Connection: Upgrade\r\nUpgrade: websocket\r\n'), 405],
    ['TRACE', `TRACE ${PATH} HTTP/1.1\r\nHost: x\r\n\r\n`, 405],
    ['no HTTP', '\x16\x03\x01\x00\r\n\r\n', 400],
    ['headers of a megabyte', get(PATH, `Bomb: ${'x'.repeat(2 ** 20)}\r\n`), 431],
  ])('answers a request with %s, and goes on', async (_, sent, status) => {
    const { dial, stillAnswers } = await serve();
    expect(await dial(sent).until(ENDED)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    await stillAnswers();
  });

  it.each(['OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n', get('/', 'Expect: wonders\r\n')])(
    'tells its own time, whatever is asked: %j',
    async (sent) => {
      const { dial } = await serve();
      expect((await dial(sent).until(ENDED)).toLowerCase()).toContain(`date: ${date.toLowerCase()}\r\n`);
    },
  );

  it('closes a connection that wants a tunnel, and answers beside one with ten thousand short headers', async () => {
    const { dial, stillAnswers } = await serve();
    expect(await dial('CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n').ended).toBe('');
    dial(get(PATH, 'a:b\r\n'.repeat(10_000)));
    await stillAnswers();
  });

  it('answers 10 MB in chunks before it read them all, and ends the connection', async () => {
    const { dial, stillAnswers } = await serve();
    const { socket, until: seen, ended } = dial(post('Transfer-Encoding: chunked'));
    const chunk = `10000\r\n${' '.repeat(2 ** 16)}\r\n`;
    for (let sent = 0; sent < 10_000_000; sent += 2 ** 16) socket.write(chunk);
    // Without the last chunk the body never ends.
    expect(await seen(ENDED)).toMatch(/^HTTP\/1\.1 400 /);
    await ended;
    await stillAnswers();
  });

  it('answers 10 MB whose length is told', async () => {
    const { dial, stillAnswers } = await serve();
    const { socket, until: seen } = dial(post('Content-Length: 10000000'));
    socket.write(' '.repeat(10_000_000));
    expect(await seen(ENDED)).toMatch(/^HTTP\/1\.1 400 /);
    await stillAnswers();
  });

  it('refuses a request whose client goes in the middle of its body', async () => {
    const { sandbox, dial, stillAnswers } = await serve();
    const { socket, until: seen } = dial(`${get('/2.0/nowhere')}${post('Content-Length: 1000')}{"half":`);
    // The server has the second request too by then.
    await seen(ENDED);
    socket.resetAndDestroy();
    await until(() => sandbox.calls.length === 2);
    expect(sandbox.calls.map(({ status }) => status)).toEqual([404, 400]);
    await stillAnswers();
  });

  it('answers 200 connections at once', async () => {
    const { sandbox, dial } = await serve();
    const answers = await Promise.all(Array.from({ length: 200 }, () => dial(get(PATH, 'Connection: close\r\n')).ended));
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 405 /);
    expect(sandbox.calls).toHaveLength(200);
  });

  it('answers requests that come before the answer to the one ahead, in order', async () => {
    const { sandbox, dial } = await serve();
    const answers = await dial(get('/2.0/a') + get('/2.0/b', 'Connection: close\r\n')).ended;
    expect(answers.match(/HTTP\/1\.1 404 /g)).toHaveLength(2);
    expect(sandbox.calls.map((call) => call.path)).toEqual(['/2.0/a', '/2.0/b']);
  });
});

describe('a fault over HTTP', () => {
  it.each([
    ['lost', 200],
    ['unreachable', 0],
    ['reset', 0],
  ] as const)('cuts the connection: %s is logged with status %i', async (kind, status) => {
    const { sandbox, ask, stillAnswers } = await faulty({ kind });
    await expect(ask()).rejects.toThrow(TypeError);
    expect(sandbox.calls).toMatchObject([{ status, fault: kind }]);
    await stillAnswers();
  });

  it('sends status, headers and body as they are given', async () => {
    const headers = { 'retry-after': '7', 'content-type': 'text/x' };
    const { ask } = await faulty({ kind: 'status', status: 429, body: 'slow down', headers });
    const response = await ask();
    const got = [response.status, response.headers.get('retry-after'), response.headers.get('content-type'), await response.text()];
    expect(got).toEqual([429, '7', 'text/x', 'slow down']);
  });

  it('ends an unreachable connection with FIN, also when the body was not read or the client sends nothing more', async () => {
    const { dial } = await faulty({ kind: 'unreachable' }, { kind: 'unreachable' });
    for (const sent of [post('Content-Length: 2000000') + ' '.repeat(2_000_000), `${post('Content-Length: 1000')}{`]) {
      const { socket, ended } = dial(sent);
      const errors: Error[] = [];
      socket.on('error', (error) => errors.push(error));
      expect([await ended, errors]).toEqual(['', []]);
    }
  });

  it('resets a connection with RST', async () => {
    const { dial } = await faulty({ kind: 'reset' });
    const { socket, ended } = dial(get(PATH));
    const codes: unknown[] = [];
    socket.on('error', (error: NodeJS.ErrnoException) => codes.push(error.code));
    expect([await ended, codes]).toEqual(['', ['ECONNRESET']]);
  });

  it('sends half of a body whose length it told, and nothing after it', async () => {
    const { dial } = await faulty({ kind: 'truncated' });
    const [head = '', body = ''] = (await dial(get('/2.0/nowhere')).ended).split(ENDED);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    expect(head.toLowerCase()).toContain(`date: ${date.toLowerCase()}`);
    expect(length).toBeGreaterThan(20);
    expect(body).toHaveLength(Math.floor(length / 2));
  });

  it('stops making white space when its reader goes', async () => {
    const { dial, stillAnswers } = await faulty({ kind: 'huge', bytes: 2 ** 30 });
    const before = process.memoryUsage().rss;
    const { socket, until: seen } = dial(get('/2.0/nowhere'));
    await seen(ENDED);
    socket.destroy();
    await stillAnswers();
    // A gibibyte that is made at once would show.
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 29);
  });

  it('hangs until the client goes, which it notices, or the server closes, beside connections that are idle', async () => {
    const { sandbox, close, ask, dial, stillAnswers } = await serve();
    await stillAnswers();
    sandbox.faults.add({ times: 3, reply: { kind: 'hang' } });
    const controller = new AbortController();
    const reason = new Error('waited long enough');
    const aborted = expect(ask({ signal: controller.signal })).rejects.toBe(reason);
    const one = dial(get(PATH));
    const other = dial(post('Content-Length: 5000000') + ' '.repeat(5_000_000));
    await until(() => sandbox.calls.length === 4);
    controller.abort(reason);
    await aborted;
    one.socket.end();
    expect(await one.ended).toBe('');
    await close();
    expect(await other.ended).toBe('');
    expect(sandbox.calls.slice(1)).toMatchObject(Array(3).fill({ status: 0, fault: 'hang' }));
  });

  it('leaves without an effect a request whose client goes while it waits', async () => {
    const { sandbox, ask, clock } = await faulty({ kind: 'latency', milliseconds: 5_000 });
    const controller = new AbortController();
    const failed = expect(ask({ signal: controller.signal })).rejects.toThrow('gone');
    const waiting = async (): Promise<number> => (await (await sandbox.fetch('http://x.example/__sandbox')).json()).faults.length;
    while ((await waiting()) > 0) await turn();
    controller.abort(new Error('gone'));
    await failed;
    await until(() => sandbox.calls.length === 1);
    await clock.settle(10_000);
    expect(sandbox.calls).toMatchObject([{ status: 0, fault: 'latency' }]);
    expect(await (await ask()).json()).toMatchObject({ id_user: 1 });
  });

  it.each<FaultReply>([
    ...([{ kind: 'status', status: 204 }, { kind: 'rateLimited' }, { kind: 'html' }, { kind: 'huge', bytes: 100 }] as const),
    ...(['invalidJson', 'truncated', 'lost', 'unreachable', 'reset'] as const).map((kind) => ({ kind })),
  ])('goes with a body that nobody reads: $kind', async (reply) => {
    const { sandbox, ask, stillAnswers } = await faulty(reply);
    // The same answers as to small requests, or a cut; what matters is the next request.
    const asked = ask({ body: 'x'.repeat(3 * 2 ** 20) });
    await asked.then((response) => response.arrayBuffer()).catch(() => undefined);
    expect(sandbox.calls).toMatchObject([{ fault: reply.kind }]);
    await stillAnswers();
  });
});
