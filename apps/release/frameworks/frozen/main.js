// A process that stands still in the middle of what it does: `docker pause`, a live migration, a debugger, the freeze of a serverless platform
// between two invocations. Its time runs fifteen times as fast, so that a short stop is longer than every deadline.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { expect } from '../shared/expect.js';
import { sandboxAt } from '../shared/sandbox.js';
import { run } from '../shared/steps.js';

const { FINICITY_BASE_URL, BUDGEA_BASE_URL } = process.env;
const [finicity, budgea] = [sandboxAt(FINICITY_BASE_URL), sandboxAt(BUDGEA_BASE_URL)];
const TOKENS = '/aggregation/v2/partners/authentication';
const MINUTE = 60_000;

/** Milliseconds: fifteen times as long for the process, which is more than any deadline. */
const STOP = 2_500;

/** Between the process and a vendor: tells when a request has passed. */
const relayTo = async (baseUrl) => {
  const { port, pathname } = new URL(baseUrl);
  const waiting = [];
  const server = createServer((near) => {
    const far = connect(Number(port), '127.0.0.1');
    for (const socket of [near, far]) socket.on('error', () => [near, far].forEach((each) => void each.destroy()));
    near.on('data', (chunk) => {
      for (const { path, resolve } of waiting.filter((one) => chunk.includes(`POST ${one.path} `))) {
        waiting.splice(0, waiting.length, ...waiting.filter((one) => one.path !== path));
        // In the same turn as the bytes are passed on.
        setImmediate(resolve);
      }
    });
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}${pathname}`,
    passed: (path) => new Promise((resolve) => waiting.push({ path, resolve })),
  };
};

const relays = { finicity: await relayTo(FINICITY_BASE_URL), budgea: await relayTo(BUDGEA_BASE_URL) };
const START = String(Date.now());

/** Starts a process, uses it, and ends it. */
const withWorker = async (use) => {
  const child = spawn(process.execPath, ['worker.js'], {
    env: { ...process.env, START, FINICITY_BASE_URL: relays.finicity.url, BUDGEA_BASE_URL: relays.budgea.url },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const tell = (message) => void child.stdin.write(`${JSON.stringify(message)}\n`);
  const answer = async () => {
    const controller = new AbortController();
    const late = setTimeout(20_000, { value: '{"got":"hangs"}' }, { signal: controller.signal });
    const { value } = await Promise.race([lines.next(), late]);
    controller.abort();
    late.catch(() => {});
    return JSON.parse(value ?? '{"got":"ended"}');
  };
  try {
    return await use({
      tell,
      answer,
      ask: async (message) => {
        tell(message);
        return answer();
      },
      stop: () => child.kill('SIGSTOP'),
      resume: () => child.kill('SIGCONT'),
    });
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
};

/** The process asks, and stands still until long after the answer is there. */
const stoppedWhile = async (worker, message, vendor, path) => {
  const sandbox = { finicity, budgea }[vendor];
  await sandbox.fault({ path, reply: { kind: 'latency', milliseconds: 300 } });
  const passed = relays[vendor].passed(path);
  worker.tell(message);
  await passed;
  worker.stop();
  await setTimeout(STOP);
  worker.resume();
  return worker.answer();
};

await run({
  'stopped while a token is on its way: the token that came is used': () =>
    withWorker(async (worker) => {
      await worker.ask({ do: 'load' });
      const past = await finicity.calls();
      const { got } = await stoppedWhile(worker, { do: 'call' }, 'finicity', TOKENS);
      expect(got === 200, `The call got ${got}.`);
      const { length } = await finicity.since(past, TOKENS);
      expect(length === 1, `There were ${length} requests for a token.`);
    }),
  'stopped while a user is created: the answer that came counts': () =>
    withWorker(async (worker) => {
      await worker.ask({ do: 'load' });
      const past = await budgea.calls();
      const { got } = await stoppedWhile(worker, { do: 'create' }, 'budgea', '/2.0/auth/init');
      expect(got === 'created', `It ended with ${got}.`);
      const { length } = await budgea.since(past, '/2.0/auth/init');
      expect(length === 1, `There were ${length} requests for a user.`);
    }),
  'stopped until long after the deadline, and the vendor never answered: a timeout': () =>
    withWorker(async (worker) => {
      await worker.ask({ do: 'load' });
      await finicity.fault({ path: TOKENS, times: 10, reply: { kind: 'hang' } });
      const passed = relays.finicity.passed(TOKENS);
      worker.tell({ do: 'call' });
      await passed;
      worker.stop();
      await setTimeout(STOP);
      worker.resume();
      const { got } = await worker.answer();
      await fetch(new URL('/__sandbox/faults', FINICITY_BASE_URL), { method: 'DELETE' });
      expect(got === 'timeout', `The call got ${got}.`);
      const { got: then } = await worker.ask({ do: 'call', passed: 2 * MINUTE });
      expect(then === 200, `The next call got ${then}.`);
    }),
  'one that stops while it holds the lease costs the others no failure': () =>
    withWorker((first) =>
      withWorker(async (second) => {
        for (const worker of [first, second]) await worker.ask({ do: 'load', store: 'shared.sqlite' });
        await finicity.fault({ path: TOKENS, reply: { kind: 'latency', milliseconds: 600 } });
        const passed = relays.finicity.passed(TOKENS);
        first.tell({ do: 'call' });
        await passed;
        first.stop();
        const { got } = await second.ask({ do: 'call' });
        expect(got === 200, `The other one got ${got}.`);
        first.resume();
        const { got: late } = await first.answer();
        expect(late === 200, `The one that had stopped got ${late}.`);
        const tokens = [(await first.ask({ do: 'token' })).got, (await second.ask({ do: 'token' })).got];
        const answers = [(await first.ask({ do: 'call' })).got, (await second.ask({ do: 'call' })).got];
        expect(answers.join() === '200,200', `With ${new Set(tokens).size} tokens the calls after that got ${answers}.`);
      }),
    ),
  ...Object.fromEntries(
    [true, false].map((monotonic) => [
      `twelve hours of invocations, frozen right after each answer, by a clock that ${monotonic ? 'went on' : 'stood still'} meanwhile`,
      () =>
        withWorker(async (worker) => {
          for (let invocation = 0; invocation < 16; invocation += 1) {
            const { got } = await worker.ask({ do: 'invoke', passed: invocation === 0 ? 0 : 45 * MINUTE, monotonic });
            // Whatever it began in the background goes no further.
            worker.stop();
            expect(got === 200, `After ${invocation * 45} minutes an invocation got ${got}.`);
            await finicity.advance(45 * MINUTE);
            await setTimeout(50);
            worker.resume();
          }
        }),
    ]),
  ),
});

// With the relays.
process.exit();
