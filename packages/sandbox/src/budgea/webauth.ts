import type { Clock } from '@auth/core';
import type { Context } from 'hono';
import { expiringMap } from '../expiring-map.ts';
import { hexadecimals, type Random } from '../random.ts';
import type { BudgeaConnection, ConnectionState } from './connection-state.ts';
import { connectorOf, sourceOf } from './connector-choice.ts';
import type { Connector, Connectors } from './connectors.ts';
import { readFields } from './fields.ts';
import { bankPage, donePage, refusalPage } from './pages.ts';
import { callback, clientOf, type RedirectPolicy, redirectUriOf } from './redirect-uris.ts';
import { type Authentication, authenticate } from './request.ts';
import type { Routes } from './routes.ts';
import type { BudgeaState, BudgeaUser } from './state.ts';
import { autoOf } from './webview-request.ts';

/** How long a bank's page stays open: about two hours, as integrators saw it. */
const LIFETIME = 7_200_000;

/** The path of the bank's page below `/2.0/`. On the real thing it is another site. */
const BANK_PATH = '/webauth/bank';

/** A user who is about to let an application in at his bank. */
interface BankSession {
  readonly userId: number;
  readonly connector: Connector;
  readonly source: string;
  /** Absent for a new connection. */
  readonly connectionId?: number | undefined;
  /** Absent where the vendor made the page without a request of `webauth`. */
  readonly redirectUri?: string | undefined;
  readonly state?: string | undefined;
}

/** The bank's pages that are open. */
export interface BankSessions {
  /** The page's URL. */
  readonly open: (origin: string, session: BankSession) => string;
  readonly find: (id: string) => BankSession | undefined;
  readonly close: (id: string) => void;
  readonly reset: () => void;
}

/** Pages in memory, each found by an id in its URL. */
export const bankSessions = ({ clock, random }: { readonly clock: Clock; readonly random: Random }): BankSessions => {
  const sessions = expiringMap<BankSession>({ clock });
  return {
    open: (origin, session) => {
      const id = hexadecimals(random, 32);
      sessions.set(id, session, clock.now() + LIFETIME);
      return `${origin}/2.0${BANK_PATH}?session=${id}`;
    },
    find: sessions.get,
    close: sessions.delete,
    reset: sessions.clear,
  };
};

/** Opens the bank's page for a connection that waits for it. Nobody is redirected afterwards. */
export const bankUrlOf =
  (sessions: BankSessions, connectors: Connectors) =>
  (origin: string, { id: connectionId, userId, connectorId, source }: BudgeaConnection): string => {
    const connector = connectors.find(String(connectorId));
    return connector === undefined ? origin : sessions.open(origin, { userId, connector, source, connectionId });
  };

/** What the routes of webauth work with. */
export interface WebauthOptions extends Authentication, RedirectPolicy {
  readonly connections: ConnectionState;
  readonly connectors: Connectors;
  readonly bankSessions: BankSessions;
  /** The status of the redirect to the bank. */
  readonly webauthRedirect: 302 | 307;
  /** What `state` is in the callback where none was given. */
  readonly webauthMissingState: 'null' | 'omitted';
}

/** The detour over a bank's own pages. */
export const webauthRoutes = (routes: Routes, options: WebauthOptions): void => {
  const { refuse, bankSessions, connections } = options;

  routes('/webauth', {
    GET: async (c) => {
      // A code for one call is not used up by parameters that are wrong.
      const request = requestOf(c, options);
      const session = sessionOf(c, request, await userOf(c, options), options);
      const { origin } = new URL(c.req.url);
      const { auto, redirectUri } = request;
      const location = auto === undefined ? bankSessions.open(origin, session) : callback(redirectUri, decided(session, auto, options));
      return c.redirect(location, options.webauthRedirect);
    },
  });

  routes('/webauth-url', {
    GET: async (c) => {
      const session = sessionOf(c, requestOf(c, options), await authenticate(c.req.raw, options), options);
      const { userId, connectionId } = session;
      const existing = connectionId === undefined ? undefined : connections.get(userId, connectionId);
      if (existing?.error === null) throw refuse.conflict();
      return c.json({ url: bankSessions.open(new URL(c.req.url).origin, session) });
    },
  });

  routes(BANK_PATH, {
    GET: (c) => {
      const session = bankSessions.find(c.req.query('session') ?? '');
      return session === undefined ? refusalPage(c.req.raw, refuse.badCode()) : bankPage(session.connector.name);
    },
    POST: async (c) => {
      const id = c.req.query('session') ?? '';
      const decision = (await readFields(c.req.raw, refuse)).text('decision');
      const session = bankSessions.find(id);
      if (session === undefined) return refusalPage(c.req.raw, refuse.badCode());
      if (decision !== 'approve' && decision !== 'deny') return bankPage(session.connector.name);
      bankSessions.close(id);
      const outcome = decided(session, decision, options);
      return session.redirectUri === undefined ? donePage(decision) : c.redirect(callback(session.redirectUri, outcome));
    },
  });
};

/** The user whom a temporary code stands for, which a code for one call does not survive. A permanent token is not taken from a URL. */
export const userOfCode = (code: string, state: BudgeaState): BudgeaUser | undefined => {
  const grant = state.grant(code);
  if (grant === undefined || grant.kind === 'permanent') return undefined;
  if (grant.kind === 'single') state.revoke(code);
  return state.user(grant.userId);
};

const userOf = async (c: Context, options: WebauthOptions): Promise<BudgeaUser> => {
  const token = c.req.query('token');
  if (token === undefined || token === '') return authenticate(c.req.raw, options);
  const user = userOfCode(token, options.state);
  if (user === undefined) throw options.refuse.badToken();
  return user;
};

interface WebauthRequest {
  readonly redirectUri: string;
  readonly source: string | undefined;
  readonly state: string | undefined;
  readonly auto: 'approve' | 'deny' | undefined;
}

const requestOf = (c: Context, options: WebauthOptions): WebauthRequest => {
  const { req } = c;
  const redirectUri = redirectUriOf(req.query('redirect_uri'), clientOf(req.query('client_id'), options), options);
  if (redirectUri.includes('?')) throw options.refuse.badRedirectUri();
  return {
    redirectUri,
    source: sourceOf(req.query('source'), options.refuse),
    state: req.query('state'),
    auto: autoOf(c, options.refuse),
  };
};

const sessionOf = ({ req }: Context, request: WebauthRequest, { id: userId }: BudgeaUser, options: WebauthOptions): BankSession => {
  const { connections, connectors, refuse } = options;
  const { redirectUri, state, source } = request;
  const connectionId = req.query('id_connection') ?? '';
  if (connectionId === '') {
    const connector = connectorOf(connectors, (name) => req.query(name), refuse);
    if (connector.authMechanism !== 'webauth') throw refuse.invalidValue('id_connector');
    return { userId, redirectUri, state, connector, source: source ?? 'openapi' };
  }
  if (!/^\d{1,15}$/.test(connectionId)) throw refuse.invalidValue('id_connection');
  const existing = connections.get(userId, Number(connectionId));
  const connector = existing && connectors.find(String(existing.connectorId));
  if (existing === undefined || connector === undefined) throw refuse.notFound();
  return { userId, redirectUri, state, connector, connectionId: existing.id, source: source ?? existing.source };
};

/** What the browser takes back to the application. */
const decided = (session: BankSession, decision: 'approve' | 'deny', options: WebauthOptions): Record<string, string | undefined> => {
  const { state = options.webauthMissingState === 'null' ? 'null' : undefined } = session;
  if (decision === 'deny') return { error: 'access_denied', error_description: 'The user refused at the bank.', state };
  const connection = approved(session, options);
  if (connection === undefined) return { error: 'server_error', error_description: 'The user or the connection is gone.', state };
  return { id_connection: String(connection.id), state };
};

/** The connection, now without an error; `undefined` if it or its user was deleted meanwhile. */
const approved = (session: BankSession, { state, connections }: WebauthOptions): BudgeaConnection | undefined => {
  const { userId, connectionId, connector, source } = session;
  if (state.user(userId) === undefined) return undefined;
  if (connectionId === undefined) return connections.create(userId, { connectorId: connector.id, source });
  const existing = connections.get(userId, connectionId);
  return existing && connections.update(existing, { error: null });
};
