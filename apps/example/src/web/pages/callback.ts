import { AuthError } from '@auth/core';
import type { AppContext } from '../context.ts';
import type { Product } from '../product.ts';
import type { PendingConnect } from '../sessions.ts';
import { failurePage, type Problem, problemPage } from './problem.ts';

/** Where a browser lands when it came back without a connection: what happened, what to do, and the way there. */
export const callbackFailure = (c: AppContext, product: Product, error: unknown, pending?: PendingConnect): Promise<Response> => {
  const action = { label: 'Start again', href: pending ? `/connect?user=${pending.userId}` : '/connect' };
  if (pending === undefined) return problemPage(c, product, { ...UNKNOWN, action });
  const isLate = product.clock.now() >= pending.session.expiresAt || AuthError.is(error, 'timeout');
  if (isLate) return problemPage(c, product, { ...EXPIRED, action, code: AuthError.is(error) ? error.code : undefined });
  if (AuthError.is(error, 'state_mismatch')) return problemPage(c, product, { ...TAMPERED, action, code: error.code });
  if (AuthError.is(error, 'consent_denied')) return problemPage(c, product, { ...REFUSED, action, code: error.code });
  return failurePage(c, product, error, action);
};

type Words = Omit<Problem, 'action' | 'code'>;

const UNKNOWN: Words = {
  status: 403,
  title: 'No visit to a bank is under way',
  happened: 'This browser has not started to connect a bank here, or has finished already. Nothing was connected now.',
  advice: 'Choose a user and start again from this browser.',
};

const EXPIRED: Words = {
  status: 410,
  title: 'The link has expired',
  happened: 'The page of the vendor was open for too long. Nothing was connected.',
  advice: 'Start again: you get a new link, and the old one is worth nothing.',
};

const TAMPERED: Words = {
  status: 403,
  title: 'This callback is not yours',
  happened: 'The address that led here does not belong to the visit that this browser started. It was refused, and nothing was connected.',
  advice: 'If you are still on the page of the vendor, finish there. Otherwise start again.',
};

const REFUSED: Words = {
  status: 200,
  title: 'Nothing was connected',
  happened: 'You left the page of the vendor without connecting a bank.',
  advice: 'Start again whenever you like.',
};
