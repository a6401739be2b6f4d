import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { ConnectSession } from '@auth/core';
import type { RaceResult } from '../race/race.ts';
import type { BreakResult } from './break/action.ts';

/** What belongs to one browser. Stays on the server: the browser holds a random name only. */
export interface BrowserSession {
  readonly id: string;
  /** Goes into every form and comes back with it. */
  readonly csrf: string;
  /** The visit to the vendor's page that has not come back yet. */
  pending?: PendingConnect | undefined;
  /** Said once, on the next page. */
  notice?: string | undefined;
  broken?: BreakResult | undefined;
  raced?: { readonly vendor: string; readonly result: RaceResult } | undefined;
}

/** A visit to the vendor's page: whose, and how it is completed. */
export interface PendingConnect {
  readonly provider: string;
  readonly userId: number;
  readonly session: ConnectSession;
}

/** The browsers' sessions. */
export interface Sessions {
  readonly find: (id: string | undefined) => BrowserSession | undefined;
  readonly open: () => BrowserSession;
}

/** In memory: they end with the process. The oldest go when there are too many. */
export const createSessions = ({ limit = 1_000 }: { readonly limit?: number } = {}): Sessions => {
  const sessions = new Map<string, BrowserSession>();
  return {
    find: (id) => (id === undefined ? undefined : sessions.get(id)),
    open: () => {
      const session = { id: randomBytes(24).toString('base64url'), csrf: randomBytes(24).toString('base64url') };
      sessions.set(session.id, session);
      const [oldest] = sessions.keys();
      if (sessions.size > limit && oldest !== undefined) sessions.delete(oldest);
      return session;
    },
  };
};

/** Whether a form came from a page of this session. */
export const isOwnForm = ({ csrf }: BrowserSession, sent: unknown): boolean => {
  const [expected, given] = [Buffer.from(csrf), Buffer.from(typeof sent === 'string' ? sent : '')];
  return expected.length === given.length && timingSafeEqual(expected, given);
};
