import { describe, expect, it } from 'vitest';
import { date, framed, PATH, turn } from '../test/vendors.ts';
import type { BudgeaSandboxOptions, Fault, FaultReply } from './index.ts';

const UNAVAILABLE = { kind: 'status', status: 503 } as const;

/** A sandbox in which these faults wait. */
const faulty = (...replies: readonly FaultReply[]) => {
  const { sandbox, ...more } = framed();
  for (const reply of replies) sandbox.faults.add({ reply });
  return { ...more, sandbox, lastCall: () => sandbox.calls.at(-1) };
};
const withFault = (fault: Fault, options?: BudgeaSandboxOptions) => {
  const { sandbox, ...more } = framed(options);
  sandbox.faults.add(fault);
  return { ...more, sandbox };
};

describe('a fault', () => {
  it('answers with the status, the body and the headers that it is given', async () => {
    const headers = { 'retry-after': '7', 'content-type': 'text/x' };
    const { sandbox, send } = faulty({ kind: 'status', status: 429, body: 'slow down', headers });
    const response = await send();
    const got = [response.status, response.headers.get('retry-after'), response.headers.get('content-type'), await response.text()];
    expect(got).toEqual([429, '7', 'text/x', 'slow down']);
    expect(sandbox.calls).toMatchObject([{ status: 429, fault: 'status' }]);
  });

  it('answers 429 with an empty body, and with Retry-After only when told', async () => {
    const values = [undefined, 7, 'Sat, 31 Jan 2026 13:00:00 GMT'];
    const { sandbox, send } = faulty(...values.map((retryAfter) => ({ kind: 'rateLimited', retryAfter }) as const));
    for (const retryAfter of values) {
      const { status, headers, body } = await send();
      expect([status, headers.get('retry-after'), body]).toEqual([429, retryAfter === undefined ? null : String(retryAfter), null]);
    }
    expect(sandbox.calls.map(({ status, fault }) => [status, fault])).toEqual(Array(3).fill([429, 'rateLimited']));
  });

  it('answers the page of a gateway, with 502 or the status it is given', async () => {
    const { send } = faulty({ kind: 'html' }, { kind: 'html', status: 504 });
    for (const status of [502, 504]) {
      const response = await send();
      expect([response.status, response.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
      expect(await response.text()).toMatch(/^<!doctype html>/);
    }
  });

  it('sends the answer as another type', async () => {
    const response = await faulty({ kind: 'contentType', contentType: 'text/html' }).send();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html']);
    expect(await response.json()).toMatchObject({ id_user: 1 });
  });

  it('ends the text in its middle as if that were all', async () => {
    const response = await faulty({ kind: 'invalidJson' }).send();
    const text = await response.text();
    expect([response.status, text[0]]).toEqual([200, '{']);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  it('cuts the connection in the middle of a body whose length it told', async () => {
    const { send, lastCall } = faulty({ kind: 'truncated' });
    const { status, headers, body } = await send();
    const reader = body?.getReader();
    const text = new TextDecoder().decode((await reader?.read())?.value);
    expect([status, text[0], text.length]).toEqual([200, '{', Math.floor(Number(headers.get('content-length')) / 2)]);
    await expect(reader?.read()).rejects.toThrow(TypeError);
    expect(lastCall()).toMatchObject({ status: 200, fault: 'truncated' });
    expect((await send()).status).toBe(200);
  });

  it.each([
    ['as much as it is told', 300_001, 300_001],
    ['10 MiB unless told otherwise', undefined, 10 * 2 ** 20],
  ])('puts white space before the text, %s, and tells the length of both', async (_, bytes, spaces) => {
    const response = await faulty({ kind: 'huge', bytes }).send();
    const text = await response.text();
    expect([text.search(/\S/), response.headers.get('content-length')]).toEqual([spaces, String(text.length)]);
    expect(JSON.parse(text)).toMatchObject({ id_user: 1 });
  });

  it('answers after so long by the clock or when the sandbox is moved on, and takes effect then', async () => {
    const { sandbox, send, clock, lastCall } = faulty(...Array(2).fill({ kind: 'latency', milliseconds: 5_000 }));
    for (const advance of [clock.settle, async (milliseconds: number) => sandbox.advance(milliseconds)]) {
      const before = sandbox.calls.length;
      const answer = send();
      await turn();
      await advance(4_999);
      await turn();
      expect(sandbox.calls).toHaveLength(before);
      await advance(1);
      expect((await answer).status).toBe(200);
      expect(lastCall()).toMatchObject({ status: 200, fault: 'latency' });
    }
  });

  it('leaves without an effect a request whose caller goes while it waits', async () => {
    const { sandbox, send, clock } = faulty({ kind: 'latency', milliseconds: 5_000 });
    const controller = new AbortController();
    const reason = new Error('waited long enough');
    const failed = expect(send({ signal: controller.signal })).rejects.toBe(reason);
    await turn();
    controller.abort(reason);
    await failed;
    await clock.settle(10_000);
    expect(sandbox.calls).toMatchObject([{ status: 0, fault: 'latency' }]);
    expect(await (await send()).json()).toMatchObject({ id_user: 1 });
  });

  it('tells a date that is wrong by so much, once', async () => {
    const { send } = faulty({ kind: 'skewedDate', milliseconds: 3_600_000 }, { kind: 'skewedDate', milliseconds: -60_000 });
    for (const told of ['Sat, 31 Jan 2026 13:00:00 GMT', 'Sat, 31 Jan 2026 11:59:00 GMT', date])
      expect((await send()).headers.get('date')).toBe(told);
  });

  it('answers a request that carries no token as ever, although it would end the token', async () => {
    const { send, lastCall } = faulty({ kind: 'endedToken' });
    expect((await send()).status).toBe(200);
    expect(lastCall()).toMatchObject({ status: 200, fault: 'endedToken' });
  });

  it.each([
    ['lost', 200, { message: expect.any(String) }, 2],
    ['unreachable', 0, { message: expect.any(String) }, 1],
    ['reset', 0, { code: 'ECONNRESET' }, 1],
  ] as const)('cuts the connection: %s is logged with status %i', async (kind, status, cause, nextUser) => {
    const { send, lastCall } = faulty({ kind });
    const error: unknown = await send().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ cause });
    expect(lastCall()).toMatchObject({ status, fault: kind });
    expect(await (await send()).json()).toMatchObject({ id_user: nextUser });
  });
});

describe('faults', () => {
  it.each<[Omit<Fault, 'reply'>, number]>([
    [{ method: 'GET' }, 200],
    [{ method: 'POST' }, 503],
    [{ path: '/other' }, 200],
    [{ path: `${PATH.slice(0, 6)}*` }, 503],
    [{ path: '*' }, 503],
    [{ path: PATH.slice(0, 6) }, 200],
    [{ method: 'POST', path: PATH }, 503],
    [{ method: 'GET', path: PATH }, 200],
  ])('match %j', async (matcher, status) => {
    expect(await withFault({ ...matcher, reply: UNAVAILABLE }).statuses(1)).toEqual([status]);
  });

  it.each<[Omit<Fault, 'reply'>, readonly number[]]>([
    [{}, [503, 200]],
    [{ times: 2 }, [503, 503, 200]],
    // Whichever limit comes first.
    [{ times: 2, probability: 1, lasts: 1_000 }, [503, 503, 200]],
    [{ probability: 0.251 }, [503, 503, 503]],
    [{ probability: 0.251, times: Number.POSITIVE_INFINITY }, [503, 503, 503]],
    [{ probability: 0.25 }, [200, 200, 200]],
  ])('happen as often as %j says', async (limits, seen) => {
    expect(await withFault({ ...limits, reply: UNAVAILABLE }, { random: () => 0.25 }).statuses(seen.length)).toEqual(seen);
  });

  it('happen by the random numbers of the sandbox, and draw none unless chance decides', async () => {
    const numbers = [0.6, 0.4, 0.49, 0.5];
    let drawn = 0;
    // What the vendor draws for its tokens does not count.
    let isCounted = false;
    const random = (): number => {
      if (!isCounted) return 0.5;
      isCounted = false;
      drawn += 1;
      return numbers.shift() ?? Number.NaN;
    };
    const { sandbox, send } = withFault({ probability: 0.5, reply: UNAVAILABLE }, { random });
    for (const status of [200, 503, 503, 200]) {
      isCounted = true;
      expect((await send()).status).toBe(status);
    }
    sandbox.faults.clear();
    sandbox.faults.add({ reply: UNAVAILABLE });
    isCounted = true;
    expect([(await send()).status, drawn]).toEqual([503, 4]);
  });

  it('end after so long by the sandbox’s clock', async () => {
    const { sandbox, statuses } = withFault({ lasts: 1_000, reply: UNAVAILABLE });
    expect(await statuses(2)).toEqual([503, 503]);
    sandbox.advance(999);
    expect(await statuses(1)).toEqual([503]);
    sandbox.advance(1);
    expect(await statuses(1)).toEqual([200]);
  });

  it('come in the order in which they were added', async () => {
    const { sandbox, statuses } = withFault({ reply: UNAVAILABLE });
    sandbox.faults.add({ times: 2, reply: { kind: 'status', status: 502 } });
    expect(await statuses(4)).toEqual([503, 502, 502, 200]);
  });

  it('are gone after clear and after reset, and do not change with the object that was added', async () => {
    const { sandbox, statuses } = framed();
    const reply = { kind: 'status' as const, status: 503 };
    for (const forget of [sandbox.faults.clear, sandbox.reset]) {
      sandbox.faults.add({ times: 2, reply });
      reply.status = 502;
      expect(await statuses(1)).toEqual([503]);
      forget();
      expect(await statuses(1)).toEqual([200]);
      reply.status = 503;
    }
    expect(sandbox.calls).toHaveLength(1);
  });

  it.each<[unknown, string]>([
    [undefined, 'has to be an object'],
    [{}, '`reply` is missing'],
    [{ reply: {} }, '`reply.kind` has to be one of status, error, rateLimited,'],
    [{ reply: 1 }, '`reply` has to be an object'],
    [{ reply: { kind: 'explode' } }, '`reply.kind` has to be one of status, error, rateLimited,'],
    [{ reply: { kind: 'status' } }, '`reply.status` is missing'],
    [{ reply: { kind: 'status', status: 600 } }, '`reply.status` has to be a whole number from 200 to 599'],
    [{ reply: { kind: 'status', status: 199 } }, '`reply.status` has to be'],
    [{ reply: { kind: 'status', status: 200.5 } }, '`reply.status` has to be'],
    [{ reply: { kind: 'status', status: 204, body: 'x' } }, '`reply.body` has to be left out'],
    [{ reply: { kind: 'status', status: 200, headers: { 'a b': 'x' } } }, 'has to be the name of a header'],
    [{ reply: { kind: 'status', status: 200, headers: { a: 'x\r\ny: z' } } }, '`reply.headers.a` has to be the value of a header'],
    [{ reply: { kind: 'status', status: 200, headers: { Trailer: 'x' } } }, 'belongs to the server'],
    [{ reply: { kind: 'error', error: 'constructor' } }, '`reply.error` has to be one of '],
    [{ reply: { kind: 'error' } }, '`reply.error` is missing'],
    [{ reply: { kind: 'rateLimited', retryAfter: -1 } }, '`reply.retryAfter` has to be a whole number from 0'],
    [{ reply: { kind: 'html', status: 304 } }, '`reply.status` has to be one that has a body'],
    [{ reply: { kind: 'contentType', contentType: 'a\nb' } }, '`reply.contentType` has to be'],
    [{ reply: { kind: 'huge', bytes: -1 } }, '`reply.bytes` has to be'],
    [{ reply: { kind: 'huge', bytes: 2 ** 31 } }, '`reply.bytes` has to be'],
    [{ reply: { kind: 'latency', milliseconds: Number.NaN } }, '`reply.milliseconds` has to be'],
    [{ reply: { kind: 'latency', milliseconds: 2 ** 31 } }, '`reply.milliseconds` has to be'],
    [{ reply: { kind: 'skewedDate', milliseconds: 1e15 } }, '`reply.milliseconds` has to be'],
    [{ reply: { kind: 'lost', status: 200 } }, '`reply.status` is not known here; known are kind'],
    [{ time: 2, reply: { kind: 'lost' } }, '`time` is not known here; known are method, path, times'],
    [{ method: 'post', reply: { kind: 'lost' } }, '`method` has to be a method in upper case'],
    [{ path: 'users', reply: { kind: 'lost' } }, '`path` has to begin with `/`'],
    [{ path: '/users?limit=1', reply: { kind: 'lost' } }, '`path` has to begin with `/` and go without a query'],
    [{ times: 0, reply: { kind: 'lost' } }, '`times` has to be a whole number from 1'],
    [{ times: -1, reply: { kind: 'lost' } }, '`times` has to be'],
    [{ times: 1.5, reply: { kind: 'lost' } }, '`times` has to be'],
    [{ probability: 1.1, reply: { kind: 'lost' } }, '`probability` has to be a number from 0 to 1'],
    [{ probability: -0.1, reply: { kind: 'lost' } }, '`probability` has to be'],
    [{ lasts: -1, reply: { kind: 'lost' } }, '`lasts` has to be'],
  ])('are refused with what to change: %j', (fault, message) => {
    // As a product without types could send it.
    const add = (): void => framed().sandbox.faults.add(fault as Fault);
    expect(add).toThrow(TypeError);
    expect(add).toThrow(message);
  });
});
