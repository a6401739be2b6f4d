import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { date, framed, HOST, PATH, start, turn, vendors } from '../test/vendors.ts';
import type { FaultReply } from './index.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

describe.each(vendors)('the $name sandbox', ({ create, name, basePath, refused, variables }) => {
  it('names the variables of a provider that is to use it, and its place below a host', async () => {
    const sandbox = create();
    const environment = sandbox.environment('http://127.0.0.1:1/x/');
    expect([Object.keys(environment), Object.values(environment).at(-1)]).toEqual([variables, 'http://127.0.0.1:1/x/']);
    expect(await (await sandbox.fetch(`${HOST}/__sandbox`)).json()).toMatchObject({ vendor: name, basePath });
  });

  it('logs a refused call with the vendor’s code, and masks the values of its query', async () => {
    const sandbox = create();
    await sandbox.fetch(`${HOST}${refused.path}?secret=1`);
    expect(sandbox.calls).toEqual([{ method: 'GET', ...refused, at: start, query: '?secret=***' }]);
  });

  it('answers any of the vendor’s errors by its name, with the vendor’s time', async () => {
    const sandbox = create();
    const { errors } = await (await sandbox.fetch(`${HOST}/__sandbox`)).json();
    expect(errors.length).toBeGreaterThan(4);
    for (const error of errors) {
      // The names differ from vendor to vendor.
      sandbox.faults.add({ reply: { kind: 'error', error } as unknown as FaultReply });
      const { status, headers } = await sandbox.fetch(HOST + refused.path);
      expect([error, status >= 400, headers.get('date')]).toEqual([error, true, date]);
      expect(sandbox.calls.at(-1)).toMatchObject({ status, fault: 'error' });
    }
  });

  it('shares nothing with another sandbox', async () => {
    const [one, other] = [create(), create()];
    await one.fetch(HOST + refused.path);
    expect(other.calls).toEqual([]);
    expect(other.credentials).not.toEqual(one.credentials);
  });
});

describe('a fetch in process', () => {
  it('answers on any host name, for strings, URLs and requests, with the time of its clock, and logs each', async () => {
    const { sandbox } = framed();
    const [url, init] = [`https://any.host.example${PATH}`, { method: 'POST' }];
    for (const input of [url, new URL(url), new Request(url, init)]) {
      const { status, headers } = await (input instanceof Request ? sandbox.fetch(input) : sandbox.fetch(input, init));
      expect([status, headers.get('date')]).toEqual([200, date]);
    }
    expect(sandbox.calls).toEqual(Array(3).fill({ method: 'POST', path: PATH, status: 200, at: start }));
  });

  it('rejects with the reason of a signal that has aborted, and does nothing', async () => {
    const { sandbox, send } = framed();
    const reason = new Error('enough');
    await expect(send({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(sandbox.calls).toEqual([]);
  });

  it.each(['options', 'a request'])('hangs until the signal of %s aborts, however often garbage was collected before', async (way) => {
    const { sandbox, send } = framed();
    sandbox.faults.add({ reply: { kind: 'hang' } });
    const controller = new AbortController();
    const reason = new Error('waited long enough');
    let outcome: unknown = 'none yet';
    const ask = (signal: AbortSignal): Promise<Response> =>
      way === 'options' ? send({ signal }) : sandbox.fetch(new Request(HOST + PATH, { method: 'POST', signal }));
    // Not awaited and kept nowhere: only the sandbox and the controller are left.
    ask(controller.signal).catch((error: unknown) => {
      outcome = error;
    });
    for (let round = 0; round < 5; round += 1) {
      await turn();
      collectGarbage();
    }
    controller.abort(reason);
    await turn();
    expect([outcome, sandbox.calls.map(({ status, fault }) => [status, fault])]).toEqual([reason, [[0, 'hang']]]);
    expect((await send()).status).toBe(200);
  });
});
