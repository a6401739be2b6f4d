/// <reference lib="esnext.disposable" preserve="true" />

import type { Token } from '../authority.ts';
import type { Managed } from '../token-source.ts';
import type { EngineContext } from './context.ts';
import { gone } from './engine-errors.ts';
import { checkedRefreshToken, liveToken, tokenOf } from './from-source.ts';
import type { Guard } from './guard.ts';
import { lifeLeft } from './lifetime.ts';
import type { Serving } from './serving.ts';
import type { Coordination } from './shared/coordination.ts';
import type { Refusals, Subject } from './subject.ts';
import type { Subjects } from './subjects.ts';

/** One subject of an engine. A throw-away view: all state is in the engine. */
export interface Handle extends Omit<Managed, typeof Symbol.asyncDispose> {
  /** The token in memory or in the store, without asking the source for one. */
  readonly current: () => Promise<Token | undefined>;
  /**
   * Learns that the vendor refused a token. Resolves to `true` if a request with another token can succeed: this one is no longer the
   * current one. Resolves to `false` if that would be in vain, because the tokens before were refused too: this one is not given up.
   * After a renewal in vain, `isEnded` asks the vendor about this very token before it is given up; if it rejects, the token stays.
   */
  readonly refused: (token: Token, isEnded?: (token: Token) => Promise<boolean>) => Promise<boolean>;
  /** Learns that a request which was repeated with this token succeeded: the renewal was not in vain. */
  readonly accepted: (token: Token) => void;
}

/** What a handle works on. */
export interface HandleOptions {
  readonly context: EngineContext;
  readonly subjects: Subjects;
  readonly serving: Serving;
  readonly guard: Guard;
  /** What is in the store, if there is one. */
  readonly shared: (() => Promise<Coordination>) | undefined;
}

/** The handle of the subject with this id. */
export const handleOf = (options: HandleOptions, id: string): Handle => {
  const { context, subjects, serving, guard, shared } = options;
  // Looked up once, because the warm path does little else.
  const { time, clock } = context.timing;
  const { monotonic } = clock;
  let subject = subjects.find(id);
  const here = (): Subject => {
    if (!subject || subject.isForgotten()) subject = subjects.get(id);
    return subject;
  };
  return {
    token: async (call) => {
      const token = subject?.token;
      const now = monotonic();
      const isFresh = token !== undefined && subject !== undefined && now < time.lookAt && now + time.ahead < subject.advisoryAt;
      if (isFresh && !call?.signal?.aborted) return token;
      return serving.token(id, here(), call?.signal);
    },
    peek: () => {
      const { token, advisoryAt } = here();
      if (token === undefined) return undefined;
      const now = monotonic();
      return (now < time.lookAt ? now + time.ahead : time.now()) < advisoryAt ? token : undefined;
    },
    invalidate: (rejected) => giveUp(options, id, rejected, undefined),
    refused: (token, isEnded) => refused(options, id, token, isEnded),
    accepted: ({ value }) => {
      const held = here();
      if (!held.activity?.refusals || held.token?.value !== value) return;
      held.activity.refusals = undefined;
      held.dropEmptyActivity();
    },
    current: () => current(options, id),
    adopt: (token, refreshToken) => adopt(options, id, token, refreshToken),
    forget: async () => {
      subjects.forget(id);
      context.report(id, { type: 'forgotten' });
      await (await shared?.())?.subjects.remove(id);
    },
    reset: async () => {
      here().activityOrNew().failure = undefined;
      subjects.forgetRefusals();
      await guard.reset();
    },
    status: async () => {
      // Loaded late: health pages need it, most processes never do.
      const { statusOf } = await import('./status.ts');
      const attemptsLeft = await guard.left();
      const authority = await context.nameOf(id);
      return statusOf(context, here(), { authority, attemptsLeft });
    },
  };
};

const current = async ({ context, subjects, shared }: HandleOptions, id: string): Promise<Token | undefined> => {
  const held = subjects.get(id);
  // If they differ, the store's token is the newer one.
  try {
    await (await shared?.())?.subjects.takeOver(id, held);
  } catch (error) {
    if (!held.liveToken(context.timing)) throw error;
  }
  return held.liveToken(context.timing);
};

const refused = async (
  options: HandleOptions,
  id: string,
  token: Token,
  isEnded?: (token: Token) => Promise<boolean>,
): Promise<boolean> => {
  // Loaded late, because most tokens are never refused. If it is gone by then (a deployment), it is done without.
  const module = await import('./refused-tokens.ts').catch(() => undefined);
  const refusals = await module?.learnRefusal(options.context, id, options.subjects.get(id), token, isEnded);
  if (refusals === null) return false;
  await giveUp(options, id, token, refusals);
  return true;
};

/** Drops a token that the vendor no longer accepts, unless it has been replaced already. `refusals` is what is remembered afterwards. */
const giveUp = async (
  { context, subjects, shared }: HandleOptions,
  id: string,
  rejected: Token,
  refusals: Refusals | undefined,
): Promise<void> => {
  const subject = subjects.get(id);
  const isHeld = subject.token?.value === rejected.value;
  // A late report about a token that was replaced or discarded long ago costs nothing.
  if (!isHeld && (subject.token !== undefined || subject.activity?.discarded.includes(rejected.value))) return;
  // Before any `await`, so that a hundred callers that are refused at once cause one renewal.
  subject.discard(rejected.value);
  subject.activityOrNew().refusals = refusals;
  const wasStored = await (await shared?.())?.subjects.removeToken(id, rejected, refusals?.streak ?? 0);
  if (isHeld || wasStored) context.report(id, { type: 'invalidated' });
};

const adopt = async (
  { context, subjects, shared }: HandleOptions,
  id: string,
  given: Token,
  newRefreshToken: string | null | undefined,
): Promise<void> => {
  const { timing, errors, report } = context;
  const subject = subjects.get(id);
  if (subject.isForgotten()) throw gone(errors);
  const token = tokenOf(given, errors);
  const left = lifeLeft(token, timing.clock.now());
  liveToken(token, left, errors);
  // Callers in JavaScript may leave it out by `null`.
  const refreshToken = newRefreshToken == null ? null : checkedRefreshToken(newRefreshToken, errors);
  subject.setToken(token, timing.time.now() + left, timing);
  const activity = subject.activityOrNew();
  activity.refusals = undefined;
  activity.discarded = activity.discarded.filter((value) => value !== token.value);
  if (!shared) subject.rememberHere(refreshToken);
  report(id, { type: 'adopted' });
  await (await shared?.())?.subjects.adopt(id, subject, token, refreshToken);
  subject.dropEmptyActivity();
};
