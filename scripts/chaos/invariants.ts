import { CLIENT_TIMEOUT, clientOf, type Fact, RIGHT_SECRET } from './protocol.ts';
import type { Cause, RunRecord } from './record.ts';
import type { TokenRequest } from './vendor.ts';

/** Milliseconds, like the others. A lease lives for three seconds after its last heartbeat, and heartbeats are a second apart: what ended before that explains nothing. */
const AFTERMATH = 4_000;
/** A process that is lost with the lease: the others notice after three seconds and a look, and then one of them asks. */
const LOST_HOLDER = 3_700 + CLIENT_TIMEOUT;
/** What must not be lost is tried again for five seconds while the store is away. */
const STORE_AWAY = 5_000;
/** A call may wait for a request of another process, for another one's first use of a secret, and for its own request. */
const THREE_REQUESTS = 3 * CLIENT_TIMEOUT + 1_000;
/** On a busy machine: until a caller runs that was answered, and until the vendor sees that a connection is gone. */
const SLACK = 250;

/**
 * After the chaos every subject is served in every process. A request that hangs ends, its failure is remembered for five seconds at most
 * (the vendor asks for one), a lost holder is noticed, a user connects again, and the next request is answered.
 */
export const HEALS_WITHIN: number = CLIENT_TIMEOUT + 5_000 + 3_700 + CLIENT_TIMEOUT + 1_300;

/** What is wrong with a call. */
export const wrongWithCall = (pid: number, fact: Extract<Fact, { readonly call: string }>, record: RunRecord): string | undefined => {
  const { call: subject, from, to, waited, code, late, isReported } = fact;
  if (late > SLACK) return `served a token of ${subject} that had ended ${Math.round(late)} ms before`;
  if (isReported) return `served a token of ${subject} that it had reported as refused`;
  if (waited > THREE_REQUESTS) {
    const [lost, away] = [record.count(['process'], from - AFTERMATH, to), record.count(['store'], from - AFTERMATH, to)];
    const bound = THREE_REQUESTS + lost * LOST_HOLDER + away * STORE_AWAY;
    if (waited > bound) return `let a call for ${subject} wait for ${Math.round(waited)} ms instead of ${bound}`;
  }
  // A failure is shared with the processes that waited, and remembered for some seconds.
  const isExplained =
    code === null ||
    record.count(REASONS[code] ?? [], from - 2 * AFTERMATH, to) > 0 ||
    (SECRET.has(code) && record.count(['secret'], from - 2 * AFTERMATH, to, [pid]) > 0) ||
    (REPAIRABLE.has(code) && clientOf(subject) === 'rotating');
  return isExplained ? undefined : `failed a call for ${subject} without a reason: ${code}`;
};

/** Why a call may fail, by the code of its error. */
const REASONS: Readonly<Record<string, readonly Cause[]>> = {
  unavailable: ['vendor', 'process', 'store', 'alone', 'adoption'],
  rate_limited: ['vendor'],
  // The process stood still until the token in the answer had ended.
  invalid_response: ['process'],
};
/** For a process with a wrong secret. Its engines are closed when the secret changes. */
const SECRET: ReadonlySet<string> = new Set(['invalid_credentials', 'attempts_exhausted', 'aborted']);
/** For a single-use refresh token: without the store it is not sent, and whether one was spent may never be known. */
const REPAIRABLE: ReadonlySet<string> = new Set(['store_unavailable', 'outcome_unknown', 'reconnect_required']);

/** Two requests for one subject at the same time, unless one of the processes was lost, stood still, or had no store. */
export const concurrent = (requests: readonly TokenRequest[], record: RunRecord): readonly string[] =>
  [...Map.groupBy(requests, ({ subject }) => subject)].flatMap(([subject, list]) =>
    list.flatMap((later, index) =>
      list
        .slice(Math.max(0, index - 10), index)
        .filter(({ to }) => Math.min(to, later.to) - later.from > SLACK)
        .filter(({ pid, from }) => {
          // What kept the first from having the lease, or the second from seeing it.
          const count = record.count(['process', 'store', 'alone'], from - AFTERMATH, later.from + SLACK, [pid, later.pid]);
          return pid === later.pid || count === 0;
        })
        .map(({ pid, from }) => `${later.pid} asked for ${subject} while ${pid} had been asking for ${later.from - from} ms`),
    ),
  );

/** A wrong secret that was sent again, unless by another process that may not know of the refusal. */
export const sentTwice = (requests: readonly TokenRequest[], record: RunRecord): readonly string[] =>
  [...Map.groupBy(requests, ({ secret }) => secret)]
    .filter(([secret]) => !secret.startsWith(RIGHT_SECRET))
    .flatMap(([, list]) =>
      list.flatMap((later, index) => {
        const before = list[index - 1];
        if (before === undefined) return [];
        const { pid, from } = before;
        const isUnrecorded =
          record.count(['process'], from - AFTERMATH, from + 1_000, [pid]) +
          record.count(['store', 'alone'], from - AFTERMATH, later.from, [pid, later.pid]);
        return pid !== later.pid && isUnrecorded > 0
          ? []
          : [`${later.pid} sent a wrong secret ${later.from - from} ms after ${pid} had sent it`];
      }),
    );
