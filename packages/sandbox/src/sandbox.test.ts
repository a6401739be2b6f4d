import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { start, vendors } from '../test/vendors.ts';
import type { Listening, Sandbox } from './index.ts';

const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()));
});

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const listening = async (sandbox: Sandbox<unknown>): Promise<Listening> => {
  const server = await sandbox.listen();
  open.push(server);
  return server;
};

describe.each(vendors)('the $name sandbox', ({ create, path, init, basePath, refused, variables }) => {
  const url = `https://any.host.example${path}`;

  it('answers in process on any host name, for strings, URLs and requests', async () => {
    const sandbox = create();
    expect((await sandbox.fetch(url, init(sandbox))).status).toBe(200);
    expect((await sandbox.fetch(new URL(url), init(sandbox))).status).toBe(200);
    expect((await sandbox.fetch(new Request(url, init(sandbox)))).status).toBe(200);
  });

  it('answers over HTTP on the loopback interface', async () => {
    const sandbox = create();
    const server = await listening(sandbox);
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//);
    expect(new URL(server.url).pathname).toBe(basePath);
    expect((await fetch(new URL(path, server.url), init(sandbox))).status).toBe(200);
  });

  it('leaves the global Request and Response alone when it listens', async () => {
    const before = [globalThis.Request, globalThis.Response];
    await listening(create());
    expect([globalThis.Request, globalThis.Response]).toEqual(before);
  });

  it('listens on a port that is asked for, and rejects when it is taken', async () => {
    const first = await listening(create());
    const port = Number(new URL(first.url).port);
    await expect(create().listen({ port })).rejects.toThrow('EADDRINUSE');
    await first.close();
    const second = await create().listen({ port });
    expect(second.url).toBe(first.url);
    await second.close();
  });

  it('closes although a kept connection is idle, and another request hangs', async () => {
    const sandbox = create();
    const server = await sandbox.listen();
    await fetch(new URL(path, server.url), init(sandbox)).then((response) => response.text());
    sandbox.faults.add({ reply: { kind: 'hang' } });
    const hanging = fetch(new URL(path, server.url), init(sandbox)).catch((error: unknown) => error);
    while (sandbox.calls.length < 2) await nextTurn();
    await server.close();
    expect(await hanging).toBeInstanceOf(TypeError);
  });

  it('tells the time of its own clock in the Date header', async () => {
    const sandbox = create();
    const server = await listening(sandbox);
    const date = 'Sat, 31 Jan 2026 12:00:00 GMT';
    expect((await sandbox.fetch(url, init(sandbox))).headers.get('date')).toBe(date);
    expect((await fetch(new URL(path, server.url), init(sandbox))).headers.get('date')).toBe(date);
  });

  it('logs accepted and refused calls, and masks the values of their queries', async () => {
    const sandbox = create();
    await sandbox.fetch(`${url}?secret=1`, init(sandbox));
    await sandbox.fetch(new URL(refused.path, url));
    expect(sandbox.calls).toEqual([
      { method: 'POST', path, status: 200, at: start, query: '?secret=***' },
      { method: 'GET', path: refused.path, status: refused.status, at: start, code: refused.code },
    ]);
  });

  it('names the variables of a provider that is to use it', () => {
    const environment = create().environment('http://127.0.0.1:1/x/');
    expect(Object.keys(environment)).toEqual([...variables]);
    expect(Object.values(environment).at(-1)).toBe('http://127.0.0.1:1/x/');
  });

  it('rejects with the reason of a signal that has aborted, and does nothing', async () => {
    const sandbox = create();
    const reason = new Error('enough');
    await expect(sandbox.fetch(url, { ...init(sandbox), signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(sandbox.calls).toEqual([]);
  });

  it('shares nothing with another sandbox', async () => {
    const [one, other] = [create(), create()];
    await one.fetch(url, init(one));
    expect(other.calls).toEqual([]);
    expect(other.credentials).not.toEqual(one.credentials);
  });

  describe('faults', () => {
    it('answer with what they were given, so many times', async () => {
      const sandbox = create();
      sandbox.faults.add({ path, times: 2, reply: { kind: 'status', status: 503, body: '<html>', headers: { 'retry-after': '7' } } });
      for (const status of [503, 503, 200]) expect((await sandbox.fetch(url, init(sandbox))).status).toBe(status);
      expect(sandbox.calls.map(({ status }) => status)).toEqual([503, 503, 200]);
    });

    it('send body and headers as given', async () => {
      const sandbox = create();
      const server = await listening(sandbox);
      sandbox.faults.add({
        reply: { kind: 'status', status: 429, body: 'slow down', headers: { 'retry-after': '7', 'content-type': 'text/x' } },
      });
      const response = await fetch(new URL(path, server.url), init(sandbox));
      expect([response.status, response.headers.get('retry-after'), response.headers.get('content-type'), await response.text()]).toEqual([
        429,
        '7',
        'text/x',
        'slow down',
      ]);
    });

    it.each([
      [{ method: 'GET' }, 200],
      [{ method: 'POST' }, 500],
      [{ path: '/other' }, 200],
      [{ path: `${path.slice(0, 6)}*` }, 500],
      [{ path: path.slice(0, 6) }, 200],
      [{ method: 'POST', path }, 500],
    ])('match %j', async (matcher, status) => {
      const sandbox = create();
      sandbox.faults.add({ ...matcher, reply: { kind: 'status', status: 500 } });
      expect((await sandbox.fetch(url, init(sandbox))).status).toBe(status);
    });

    it.each<['lost' | 'unreachable', number]>([
      ['lost', 200],
      ['unreachable', 0],
    ])('cut the connection: %s is logged with status %i', async (kind, status) => {
      const sandbox = create();
      const server = await listening(sandbox);
      sandbox.faults.add({ times: 2, reply: { kind } });
      await expect(sandbox.fetch(url, init(sandbox))).rejects.toThrow(TypeError);
      await expect(fetch(new URL(path, server.url), init(sandbox))).rejects.toThrow(TypeError);
      expect(sandbox.calls.map((call) => call.status)).toEqual([status, status]);
      expect((await fetch(new URL(path, server.url), init(sandbox))).status).toBe(200);
    });

    it('hang until the signal aborts', async () => {
      const sandbox = create();
      sandbox.faults.add({ reply: { kind: 'hang' } });
      const controller = new AbortController();
      const reason = new Error('waited long enough');
      const answer = sandbox.fetch(url, { ...init(sandbox), signal: controller.signal });
      controller.abort(reason);
      await expect(answer).rejects.toBe(reason);
      expect(sandbox.calls.map(({ status }) => status)).toEqual([0]);
    });

    it.each<[string, (signal: AbortSignal) => Parameters<Sandbox<unknown>['fetch']>]>([
      ['options', (signal) => [url, { signal }]],
      ['a request', (signal) => [new Request(url, { signal })]],
    ])('hang until the signal of %s aborts, however often garbage was collected before', async (_, parametersOf) => {
      const sandbox = create();
      sandbox.faults.add({ reply: { kind: 'hang' } });
      const controller = new AbortController();
      const reason = new Error('waited long enough');
      let outcome: unknown = 'none yet';
      // Not awaited and kept nowhere: only the sandbox and the controller are left.
      sandbox.fetch(...parametersOf(controller.signal)).catch((error: unknown) => {
        outcome = error;
      });
      for (let round = 0; round < 5; round += 1) {
        await nextTurn();
        collectGarbage();
      }
      controller.abort(reason);
      await nextTurn();
      expect(outcome).toBe(reason);
      expect(sandbox.calls.map(({ status }) => status)).toEqual([0]);
    });

    it('are gone after clear and after reset', async () => {
      const sandbox = create();
      for (const forget of [sandbox.faults.clear, sandbox.reset]) {
        sandbox.faults.add({ reply: { kind: 'status', status: 500 } });
        forget();
        expect((await sandbox.fetch(url, init(sandbox))).status).toBe(200);
      }
      expect(sandbox.calls).toHaveLength(1);
    });
  });
});
