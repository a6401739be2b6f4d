import type { Clock } from '@auth/core';
import { expiringMap } from '../expiring-map.ts';
import { hexadecimals, type Random } from '../random.ts';
import type { ConnectionState } from './connection-state.ts';
import { type BudgeaState, type BudgeaUser, TEMPORARY_LIFETIME } from './state.ts';
import type { WebviewRequest } from './webview-request.ts';

/** A user in the middle of a Webview. */
export interface WebviewSession {
  readonly request: WebviewRequest;
  /** Absent until an anonymous user is made. */
  readonly userId?: number | undefined;
  readonly isAnonymous: boolean;
  /** The connections that were made. */
  readonly added: readonly number[];
  /** The connection that was removed last. */
  readonly removed?: number | undefined;
}

/** The Webviews that are open. */
export interface WebviewSessions {
  /** The id of a new one, for its pages only. */
  readonly open: (session: WebviewSession) => string;
  readonly find: (id: string) => WebviewSession | undefined;
  readonly update: (id: string, session: WebviewSession) => void;
  readonly close: (id: string) => void;
  readonly reset: () => void;
}

/** Webviews in memory. Assumption: one is open for half an hour after the last step, like a code. */
export const webviewSessions = ({ clock, random }: { readonly clock: Clock; readonly random: Random }): WebviewSessions => {
  const sessions = expiringMap<WebviewSession>({ clock });
  const put = (id: string, session: WebviewSession): void => sessions.set(id, session, clock.now() + TEMPORARY_LIFETIME);
  return {
    open: (session) => {
      const id = hexadecimals(random, 32);
      put(id, session);
      return id;
    },
    find: sessions.get,
    update: put,
    close: sessions.delete,
    reset: sessions.clear,
  };
};

/** What the user did on a page. */
export interface Decision {
  readonly decision: string | undefined;
  /** The id of the chosen connector. */
  readonly connector?: string | undefined;
  /** The id of the connection to remove. */
  readonly remove?: string | undefined;
  /** One bank is enough, although there could be more. */
  readonly isLast?: boolean | undefined;
}

/** The session goes on with another page, or the browser goes back to the application with parameters. */
export type Step = { readonly session: WebviewSession } | { readonly back: Readonly<Record<string, string | undefined>> };

/** What steps change. */
export interface StepOptions {
  readonly state: BudgeaState;
  readonly connections: ConnectionState;
}

/** The next step of a session. What makes no sense shows the page again. */
export const stepOf = (session: WebviewSession, decision: Decision, options: StepOptions): Step => {
  const { flow, state } = session.request;
  if (decision.decision === 'deny') return { back: { error: 'access_denied', error_description: 'The user cancelled.', state } };
  if (flow === 'connect') return connect(session, decision, options);
  return flow === 'reconnect' ? reconnect(session, decision, options) : manage(session, decision, options);
};

const connect = (session: WebviewSession, { decision, connector: id, isLast = false }: Decision, options: StepOptions): Step => {
  const { connectors, maxConnections, state, wants } = session.request;
  if (decision === 'decline') return { back: { error: 'tos_declined', error_description: 'The user declined the terms.', state } };
  if (decision === 'finish' && session.added.length > 0) return connected(session, options);
  const connector = connectors.find((each) => String(each.id) === id);
  if (decision !== 'approve' || connector === undefined) return { session };
  const { id: userId } = userOf(session, options);
  const source = connector.authMechanism === 'webauth' ? 'openapi' : undefined;
  const connection = options.connections.create(userId, { connectorId: connector.id, source, enables: wants });
  const next = { ...session, userId, added: [...session.added, connection.id] };
  return isLast || next.added.length >= maxConnections ? connected(next, options) : { session: next };
};

/** A code goes back only with an anonymous user: whoever brought one has it already. */
const connected = (session: WebviewSession, options: StepOptions): Step => {
  const { added, isAnonymous, request } = session;
  const { redirectUri, state } = request;
  const ids = added.join(',');
  const code = isAnonymous ? options.state.issue('code', userOf(session, options), { redirectUri }) : undefined;
  return { back: { ...(request.maxConnections > 1 ? { connection_ids: ids } : { connection_id: ids }), code, state } };
};

/** The session's user; the anonymous one is made with his first connection. */
const userOf = ({ userId }: WebviewSession, { state }: StepOptions): BudgeaUser =>
  (userId === undefined ? undefined : state.user(userId)) ?? state.createUser({ anonymous: true });

const reconnect = ({ request, ...session }: WebviewSession, { decision }: Decision, { connections }: StepOptions): Step => {
  const { connectionId = 0, state } = request;
  const connection = connections.get(session.userId ?? 0, connectionId);
  if (connection === undefined) return { back: { error: 'server_error', error_description: 'The connection is gone.', state } };
  if (decision !== 'approve') return { session: { ...session, request } };
  connections.update(connection, { error: null });
  return { back: { state } };
};

const manage = (session: WebviewSession, { decision, remove }: Decision, { connections }: StepOptions): Step => {
  const { removed, userId = 0, request } = session;
  const isRemoved = removed !== undefined && { connection_id: String(removed), connection_deleted: 'true' };
  if (decision === 'finish' || decision === 'approve') return { back: { ...isRemoved, state: request.state } };
  const connection = connections.get(userId, Number(remove));
  if (connection === undefined) return { session };
  connections.delete(userId, connection.id);
  return { session: { ...session, removed: connection.id } };
};
