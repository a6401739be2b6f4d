import type { AuthErrorCode } from '@auth/core';
import { ensure } from '../check.ts';
import { rejectsWith } from './expectations.ts';
import type { AnyFixture } from './fixture.ts';
import { type Operation, operationOf, operationsOf } from './operations.ts';
import type { ProviderRule } from './stage.ts';
import { broken, type Interference, onlyFirst } from './traffic.ts';

/** What an answer that is none may become. */
const NO_ANSWER: readonly AuthErrorCode[] = ['unavailable', 'timeout', 'invalid_response', 'outcome_unknown'];

const PAGE = '<!DOCTYPE html><html><head><title>Bad gateway</title></head><body>Bad gateway</body></html>';
const page = (status: number): Response => new Response(PAGE, { status, headers: { 'content-type': 'text/html' } });
const json = (text: string): Response => new Response(text, { headers: { 'content-type': 'application/json' } });
/** More than any answer about authentication has. */
const MOST_READ = 16 * 1024 * 1024;

interface BadAnswer {
  readonly name: string;
  readonly isSuccess: boolean;
  readonly answer: () => { readonly interference: Interference; readonly check?: (operation: string) => void };
}

const BAD: readonly BadAnswer[] = [
  { name: 'the page of a gateway', isSuccess: false, answer: () => ({ interference: async () => page(502) }) },
  { name: 'a page that passes for a success', isSuccess: true, answer: () => ({ interference: async () => page(200) }) },
  { name: 'half of a JSON text', isSuccess: true, answer: () => ({ interference: async () => json('{"a": [1, {"b"') }) },
  { name: 'JSON of another shape', isSuccess: true, answer: () => ({ interference: async () => json('[[null, {"__proto__": 1}, "a"]]') }) },
  { name: 'a body that breaks off', isSuccess: true, answer: () => ({ interference: async () => brokenOff() }) },
  { name: 'a body without end', isSuccess: true, answer: () => endless() },
  { name: 'a connection that breaks', isSuccess: false, answer: () => ({ interference: () => Promise.reject(broken()) }) },
];

/** What the provider makes of answers that are none, and of the vendor's own errors. */
export const answerRules = (fixture: AnyFixture): readonly ProviderRule[] => [
  ...BAD.map(
    (bad): ProviderRule => ({
      name: `rejects with an error of its own for ${bad.name}`,
      run: async (open) => {
        for (const operation of operationsOf(fixture)) await survives(operation, bad, open);
      },
    }),
  ),
  ...Object.entries(fixture.errors).map(
    ([name, { to, answer, code }]): ProviderRule => ({
      name: `explains ${name} as ${code}`,
      run: async (open) => {
        const stage = await open();
        const prepared = await operationOf(fixture, to).prepare(stage);
        ensure(prepared !== undefined, `The fixture expects an error of ${to}, which asks the vendor for nothing.`);
        stage.traffic.interfere(onlyFirst(async () => answer()));
        const error = await rejectsWith(stage.settled(prepared.run()), [code], `${to}, to which the vendor answered «${name}»,`);
        ensure(
          error.provider === prepared.provider.id && error.operation === to,
          `${to} rejected with an error of ${error.provider}, ${error.operation}. Name what the caller called.`,
        );
        ensure(
          error.status === answer().status,
          `${to} rejected with an error whose status is ${error.status}. It has to be that of the answer.`,
        );
      },
    }),
  ),
  ...operationsOf(fixture)
    .filter(({ idempotent }) => !idempotent)
    .map((operation) => onceRule(operation)),
];

const survives = async (
  operation: Operation,
  { name, isSuccess, answer }: BadAnswer,
  open: Parameters<ProviderRule['run']>[0],
): Promise<void> => {
  const stage = await open();
  const prepared = await operation.prepare(stage);
  if (prepared === undefined) return;
  const { interference, check } = answer();
  let isAsked = false;
  const asked: typeof interference = (...call) => {
    isAsked = true;
    return interference(...call);
  };
  stage.traffic.interfere(onlyFirst(asked));
  const work = stage.settled(prepared.run());
  const end = await work.then(
    () => 'resolved',
    () => 'rejected',
  );
  // Some vendors need not be asked for everything: a link may be made here.
  if (!isAsked) return;
  if (isSuccess && !operation.readsAnswer && end === 'resolved') return;
  const error = await rejectsWith(work, NO_ANSWER, `${operation.name}, whose answer was ${name},`);
  ensure(
    !('cause' in error) || error.cause === undefined,
    `${operation.name} rejected with an error that has a cause. HTTP clients put the request into theirs: leave it out.`,
  );
  check?.(operation.name);
};

const onceRule = ({ name, prepare }: Operation): ProviderRule => ({
  name: `never repeats ${name} when its answer is lost`,
  run: async (open) => {
    const stage = await open();
    const prepared = await prepare(stage);
    ensure(prepared !== undefined, `${name} is not there.`);
    stage.traffic.interfere(
      onlyFirst(async (_, pass) => {
        await pass();
        throw broken();
      }),
    );
    const sent = stage.record();
    const work = stage.settled(prepared.run());
    await work.catch(() => {});
    await stage.clock.settle(5 * 60_000);
    const [first] = sent();
    const repeated = sent().filter(({ method, path }) => method === first?.method && path === first.path).length;
    ensure(
      repeated === 1,
      `${name} was sent ${repeated} times, as its answer was lost. It may have taken effect: send it once, and reject with outcome_unknown.`,
    );
    await rejectsWith(
      work,
      ['outcome_unknown'],
      `${name}, whose answer was lost after it had taken effect,`,
      'Whoever called has to find out before trying again.',
    );
  },
});

const brokenOff = (): Response => {
  let isSent = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (isSent) controller.error(broken());
      else controller.enqueue(new TextEncoder().encode('{"a": '));
      isSent = true;
    },
  });
  return new Response(body, { headers: { 'content-type': 'application/json' } });
};

const endless = (): ReturnType<BadAnswer['answer']> => {
  const blank = new TextEncoder().encode(' '.repeat(65_536));
  let read = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      read += blank.byteLength;
      if (read > 2 * MOST_READ) controller.close();
      else controller.enqueue(blank);
    },
  });
  return {
    interference: async () => new Response(body, { headers: { 'content-type': 'application/json' } }),
    check: (operation) =>
      ensure(read <= MOST_READ, `${operation} read more than ${MOST_READ} bytes of one answer. Stop long before: memory ends.`),
  };
};
