import { fakeClock } from '@auth/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { start, type VendorCase, vendors } from '../test/vendors.ts';
import { budgeaSandbox, type Call, type Fault, type FaultReply, finicitySandbox, type Listening, type Sandbox } from './index.ts';

const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()));
});

type Way = 'in process' | 'over HTTP';
type Send = (init?: RequestInit) => Promise<Response>;

/** Sends the vendor's good request, changed by `init`. */
const sender = async ({ path, init }: VendorCase, sandbox: Sandbox<unknown>, way: Way): Promise<Send> => {
  if (way === 'in process') return (changes) => sandbox.fetch(`http://sandbox.example${path}`, { ...init(sandbox), ...changes });
  const server = await sandbox.listen();
  open.push(server);
  return (changes) => fetch(new URL(path, server.url), { ...init(sandbox), ...changes });
};

/** Until no fault waits any more for its request. */
const taken = async (sandbox: Sandbox<unknown>): Promise<void> => {
  for (;;) {
    await turn();
    const { faults } = await (await sandbox.fetch('http://sandbox.example/__sandbox')).json();
    if (faults.length === 0) return turn();
  }
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await turn();
};

const cases = vendors.flatMap((vendor) => (['in process', 'over HTTP'] as const).map((way) => ({ vendor, way, name: vendor.name })));

describe.each(cases)('a fault of $name, $way', ({ vendor, way }) => {
  const prepared = async (reply: FaultReply, clock = fakeClock({ now: start })) => {
    const sandbox = vendor.create({ clock });
    const send = await sender(vendor, sandbox, way);
    sandbox.faults.add({ reply });
    const lastCall = (): Call | undefined => sandbox.calls.at(-1);
    return { sandbox, send, clock, lastCall };
  };

  it('answers any of the vendor’s errors by its name, in the vendor’s words', async () => {
    const sandbox = vendor.create();
    const send = await sender(vendor, sandbox, way);
    const { errors } = await (await sandbox.fetch('http://sandbox.example/__sandbox')).json();
    expect(errors.length).toBeGreaterThan(4);
    for (const error of errors) {
      // The names differ from vendor to vendor.
      sandbox.faults.add({ reply: { kind: 'error', error } as unknown as FaultReply });
      const response = await send();
      expect([error, response.status >= 400, response.headers.get('date')]).toEqual([error, true, 'Sat, 31 Jan 2026 12:00:00 GMT']);
      expect(sandbox.calls.at(-1)).toMatchObject({ status: response.status, fault: 'error' });
      await response.text();
    }
  });

  it('answers 429 with an empty body, and with Retry-After only when told', async () => {
    const { sandbox, send } = await prepared({ kind: 'rateLimited' });
    sandbox.faults.add({ reply: { kind: 'rateLimited', retryAfter: 7 } });
    sandbox.faults.add({ reply: { kind: 'rateLimited', retryAfter: 'Sat, 31 Jan 2026 13:00:00 GMT' } });
    for (const retryAfter of [null, '7', 'Sat, 31 Jan 2026 13:00:00 GMT']) {
      const response = await send();
      expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([429, retryAfter, '']);
    }
    expect(sandbox.calls.map(({ status, fault }) => [status, fault])).toEqual(Array(3).fill([429, 'rateLimited']));
  });

  it('answers the page of a gateway, with 502 or the status it is given', async () => {
    const { sandbox, send } = await prepared({ kind: 'html' });
    sandbox.faults.add({ reply: { kind: 'html', status: 504 } });
    for (const status of [502, 504]) {
      const response = await send();
      expect([response.status, response.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
      expect(await response.text()).toMatch(/^<!doctype html>/);
    }
  });

  it('sends the answer as another type', async () => {
    const { send } = await prepared({ kind: 'contentType', contentType: 'text/html' });
    const response = await send();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html']);
    expect(await response.json()).toBeTypeOf('object');
  });

  it('ends the text in its middle as if that were all', async () => {
    const { send } = await prepared({ kind: 'invalidJson' });
    const response = await send();
    const text = await response.text();
    expect([response.status, text[0]]).toEqual([200, '{']);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  it('cuts the connection in the middle of a body whose length it told', async () => {
    const { send, lastCall } = await prepared({ kind: 'truncated' });
    const response = await send();
    expect(response.status).toBe(200);
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(10);
    const reader = response.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toMatch(/^\{/);
    await expect(reader?.read()).rejects.toThrow(TypeError);
    expect(lastCall()).toMatchObject({ status: 200, fault: 'truncated' });
    expect((await send()).status).toBe(200);
  });

  it('puts white space before the text, and tells the length of both', async () => {
    const { send } = await prepared({ kind: 'huge', bytes: 300_001 });
    const response = await send();
    const text = await response.text();
    expect(text.slice(0, 300_002)).toMatch(/^ {300001}\{$/);
    expect(JSON.parse(text)).toBeTypeOf('object');
    expect(response.headers.get('content-length')).toBe(String(text.length));
  });

  it('has 10 MiB of white space unless told otherwise', async () => {
    const { send } = await prepared({ kind: 'huge' });
    const { byteLength } = await (await send()).arrayBuffer();
    expect(byteLength).toBeGreaterThan(10 * 2 ** 20);
    expect(byteLength).toBeLessThan(11 * 2 ** 20);
  });

  it('answers after so long by the clock, and takes effect then', async () => {
    const { sandbox, send, clock, lastCall } = await prepared({ kind: 'latency', milliseconds: 5_000 });
    const answer = send();
    await clock.settle(4_999);
    expect(sandbox.calls).toEqual([]);
    // The request over HTTP may have begun to wait at any of these moments.
    while (lastCall() === undefined) await clock.settle(1_000);
    expect((await answer).status).toBe(200);
    expect(lastCall()).toMatchObject({ status: 200, fault: 'latency' });
  });

  it('leaves without an effect a request whose caller goes while it waits', async () => {
    const { sandbox, send, clock, lastCall } = await prepared({ kind: 'latency', milliseconds: 5_000 });
    const controller = new AbortController();
    const reason = new Error('waited long enough');
    const answer = send({ signal: controller.signal });
    const failed = expect(answer).rejects.toBe(reason);
    await taken(sandbox);
    controller.abort(reason);
    await failed;
    await until(() => lastCall() !== undefined);
    expect(lastCall()).toMatchObject({ status: 0, fault: 'latency' });
    await clock.settle(10_000);
    expect(sandbox.calls).toHaveLength(1);
  });

  it('tells a date that is wrong by so much', async () => {
    const { sandbox, send } = await prepared({ kind: 'skewedDate', milliseconds: 3_600_000 });
    sandbox.faults.add({ reply: { kind: 'skewedDate', milliseconds: -60_000 } });
    expect((await send()).headers.get('date')).toBe('Sat, 31 Jan 2026 13:00:00 GMT');
    expect((await send()).headers.get('date')).toBe('Sat, 31 Jan 2026 11:59:00 GMT');
    expect((await send()).headers.get('date')).toBe('Sat, 31 Jan 2026 12:00:00 GMT');
  });

  it('answers a request that carries no token as ever, although it would end the token', async () => {
    const { send, lastCall } = await prepared({ kind: 'endedToken' });
    expect((await send()).status).toBe(200);
    expect(lastCall()).toMatchObject({ status: 200, fault: 'endedToken' });
  });

  it.each([
    ['lost', 200],
    ['unreachable', 0],
    ['reset', 0],
  ] as const)('cuts the connection: %s is logged with status %i', async (kind, status) => {
    const { send, lastCall } = await prepared({ kind });
    const error: unknown = await send().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as TypeError).cause).toMatchObject(kind === 'reset' ? { code: 'ECONNRESET' } : { message: expect.any(String) });
    expect(lastCall()).toMatchObject({ status, fault: kind });
    expect((await send()).status).toBe(200);
  });

  it('hangs until the caller goes', async () => {
    const { sandbox, send, lastCall } = await prepared({ kind: 'hang' });
    const controller = new AbortController();
    const reason = new Error('waited long enough');
    const failed = expect(send({ signal: controller.signal })).rejects.toBe(reason);
    await until(() => sandbox.calls.length === 1);
    controller.abort(reason);
    await failed;
    expect(lastCall()).toMatchObject({ status: 0, fault: 'hang' });
    expect((await send()).status).toBe(200);
  });

  it.each<FaultReply>([
    { kind: 'status', status: 204 },
    { kind: 'rateLimited' },
    { kind: 'html' },
    { kind: 'invalidJson' },
    { kind: 'truncated' },
    { kind: 'huge', bytes: 100 },
    { kind: 'skewedDate', milliseconds: 1 },
    { kind: 'lost' },
    { kind: 'unreachable' },
    { kind: 'reset' },
  ])('goes with a body that nobody reads: $kind', async (reply) => {
    const { sandbox, send } = await prepared(reply);
    const body = 'x'.repeat(3 * 2 ** 20);
    // The same answers as to small requests, or a cut; what matters is the next request.
    await send({ body }).then(
      (response) => response.arrayBuffer().catch(() => undefined),
      () => undefined,
    );
    expect(sandbox.calls).toHaveLength(1);
    expect((await send()).status).toBe(200);
  });
});

describe.each(vendors)('faults of $name', (vendor) => {
  const send = (sandbox: Sandbox<unknown>): Promise<Response> =>
    sandbox.fetch(`http://sandbox.example${vendor.path}`, vendor.init(sandbox));
  const statuses = async (sandbox: Sandbox<unknown>, count: number): Promise<readonly number[]> => {
    const seen: number[] = [];
    for (let round = 0; round < count; round += 1) seen.push((await send(sandbox)).status);
    return seen;
  };

  it('happen as often as their probability says, by the random numbers of the sandbox', async () => {
    const numbers = [0.6, 0.4, 0.49, 0.5];
    let drawn: (() => number) | undefined;
    const sandbox = vendor.create({ random: () => drawn?.() ?? Math.random() });
    sandbox.faults.add({ probability: 0.5, reply: { kind: 'status', status: 503 } });
    const seen: number[] = [];
    for (const number of numbers) {
      drawn = () => {
        drawn = undefined;
        return number;
      };
      seen.push((await send(sandbox)).status);
    }
    expect(seen).toEqual([200, 503, 503, 200]);
  });

  it('draw no random number unless chance decides', async () => {
    let draws = 0;
    const sandbox = vendor.create({
      random: () => {
        draws += 1;
        return 0.5;
      },
    });
    draws = 0;
    sandbox.faults.add({ reply: { kind: 'status', status: 503 } });
    await send(sandbox);
    expect(draws).toBe(0);
  });

  it('end after so long by the sandbox’s clock', async () => {
    const sandbox = vendor.create();
    sandbox.faults.add({ lasts: 1_000, reply: { kind: 'status', status: 503 } });
    expect(await statuses(sandbox, 2)).toEqual([503, 503]);
    sandbox.advance(999);
    expect(await statuses(sandbox, 1)).toEqual([503]);
    sandbox.advance(1);
    expect(await statuses(sandbox, 1)).toEqual([200]);
  });

  it('end after so many times, whichever limit comes first', async () => {
    const sandbox = vendor.create();
    sandbox.faults.add({ times: 2, probability: 1, lasts: 1_000, reply: { kind: 'status', status: 503 } });
    expect(await statuses(sandbox, 3)).toEqual([503, 503, 200]);
  });

  it('come in the order in which they were added', async () => {
    const sandbox = vendor.create();
    sandbox.faults.add({ reply: { kind: 'status', status: 503 } });
    sandbox.faults.add({ times: 2, reply: { kind: 'status', status: 502 } });
    expect(await statuses(sandbox, 4)).toEqual([503, 502, 502, 200]);
  });

  it('end a latency when the sandbox is moved on', async () => {
    const sandbox = vendor.create();
    sandbox.faults.add({ reply: { kind: 'latency', milliseconds: 60_000 } });
    const answer = send(sandbox);
    await turn();
    sandbox.advance(59_999);
    await turn();
    expect(sandbox.calls).toEqual([]);
    sandbox.advance(1);
    expect((await answer).status).toBe(200);
  });

  it('do not change with the object that was added', async () => {
    const sandbox = vendor.create();
    const reply = { kind: 'status' as const, status: 503 };
    sandbox.faults.add({ reply });
    reply.status = 502;
    expect(await statuses(sandbox, 1)).toEqual([503]);
  });

  it.each<[unknown, string]>([
    [undefined, 'has to be an object'],
    [{}, '`reply` is missing'],
    [{ reply: {} }, '`reply.kind` has to be one of status, error, rateLimited,'],
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
    const sandbox = vendor.create();
    // As a product without types could send it.
    const add = () => sandbox.faults.add(fault as Fault);
    expect(add).toThrow(TypeError);
    expect(add).toThrow(message);
  });

  it('take a probability that is a fraction, and no end', async () => {
    const sandbox = vendor.create({ random: () => 0.25 });
    sandbox.faults.add({ probability: 0.251, times: Number.POSITIVE_INFINITY, reply: { kind: 'status', status: 503 } });
    expect(await statuses(sandbox, 3)).toEqual([503, 503, 503]);
  });
});

describe('endedToken', () => {
  it('ends the token that a Finicity request carries, and no other', async () => {
    const sandbox = finicitySandbox({ clock: fakeClock({ now: start }) });
    const { partnerId, partnerSecret, appKey } = sandbox.credentials;
    const headers = { 'finicity-app-key': appKey, 'content-type': 'application/json', accept: 'application/json' };
    const token = async (): Promise<string> => {
      const body = JSON.stringify({ partnerId, partnerSecret });
      const url = 'https://api.example/aggregation/v2/partners/authentication';
      return (await (await sandbox.fetch(url, { method: 'POST', headers, body })).json()).token;
    };
    const status = async (appToken: string): Promise<number> => {
      const url = 'https://api.example/institution/v2/institutions?search=x';
      return (await sandbox.fetch(url, { headers: { ...headers, 'finicity-app-token': appToken } })).status;
    };
    const [one, other] = [await token(), await token()];
    expect(await status(one)).toBe(200);
    sandbox.faults.add({ reply: { kind: 'endedToken' } });
    expect([await status(one), await status(one), await status(other)]).toEqual([401, 401, 200]);
  });

  it('ends the token that a Budgea request carries, and no other', async () => {
    const sandbox = budgeaSandbox({ clock: fakeClock({ now: start }) });
    const token = async (): Promise<string> =>
      (await (await sandbox.fetch('https://api.example/2.0/auth/init', { method: 'POST' })).json()).auth_token;
    const status = async (bearer: string): Promise<number> =>
      (await sandbox.fetch('https://api.example/2.0/users/me', { headers: { authorization: `Bearer ${bearer}` } })).status;
    const [one, other] = [await token(), await token()];
    expect(await status(one)).toBe(200);
    sandbox.faults.add({ reply: { kind: 'endedToken' } });
    expect([await status(one), await status(one), await status(other)]).toEqual([401, 401, 200]);
  });
});
