import type { Context } from 'hono';
import type { ConnectionState } from './connection-state.ts';
import { Refusal } from './errors.ts';
import { readFields } from './fields.ts';
import { connectPage, managePage, reconnectPage, refusalPage, unavailablePage } from './pages.ts';
import { callback } from './redirect-uris.ts';
import type { Routes } from './routes.ts';
import type { BudgeaState } from './state.ts';
import { userOfCode } from './webauth.ts';
import { LANGUAGES, type WebviewRequestOptions, webviewRequest } from './webview-request.ts';
import { type Decision, stepOf, type WebviewSession, type WebviewSessions } from './webview-session.ts';

/** What the pages work with. */
export interface WebviewOptions extends WebviewRequestOptions {
  readonly state: BudgeaState;
  readonly connections: ConnectionState;
  readonly webviewSessions: WebviewSessions;
  /** What becomes of a Webview without a language. */
  readonly webviewWithoutLanguage: 'redirect' | 'unavailable';
}

/** The pages where users connect, reconnect and remove banks. */
export const webviewRoutes = (routes: Routes, options: WebviewOptions): void => {
  routes('/auth/webview/:lang/:flow', {
    GET: onPage((c) => opened(c, options)),
    POST: onPage((c) => answered(c, options)),
  });
  routes('/auth/webview/:flow', {
    GET: (c) => {
      if (options.webviewWithoutLanguage === 'unavailable') return unavailablePage();
      const { pathname, search } = new URL(c.req.url);
      return c.redirect(pathname.replace(/[^/]*$/, (flow) => `${preferredLanguage(c)}/${flow}`) + search);
    },
  });
};

/** Refusals are shown to a person here. */
const onPage =
  (answer: (c: Context) => Promise<Response>) =>
  async (c: Context): Promise<Response> => {
    try {
      return await answer(c);
    } catch (error) {
      if (error instanceof Refusal) return refusalPage(c.req.raw, error);
      throw error;
    }
  };

/** Assumption: opening the page is the one call that a code for one call is good for; the page keeps the user in mind from then on. */
const opened = (c: Context, options: WebviewOptions): Promise<Response> => {
  const { refuse, state, connections, webviewSessions } = options;
  const request = webviewRequest(c, options);
  const { code, connectionId, flow, auto } = request;
  const user = code === undefined ? undefined : userOfCode(code, state);
  if (code !== undefined && user === undefined) throw refuse.badCode();
  if (flow === 'reconnect' && connections.get(user?.id ?? 0, connectionId ?? 0) === undefined) throw refuse.notFound();
  const session: WebviewSession = { request, userId: user?.id, isAnonymous: user === undefined, added: [] };
  const id = webviewSessions.open(session);
  if (auto === undefined) return shown(id, session, options);
  const [first] = request.connectors;
  return next(c, id, session, { decision: auto, connector: first && String(first.id), isLast: true }, options);
};

const answered = async (c: Context, options: WebviewOptions): Promise<Response> => {
  const { refuse, state, webviewSessions } = options;
  const { redirectUri, state: given } = webviewRequest(c, options);
  const fields = await readFields(c.req.raw, refuse);
  const id = fields.text('session') ?? '';
  const session = webviewSessions.find(id);
  const isGone = session?.userId !== undefined && state.user(session.userId) === undefined;
  if (session !== undefined && !isGone) {
    const decision = { decision: fields.text('decision'), connector: fields.text('connector'), remove: fields.text('delete') };
    return next(c, id, session, decision, options);
  }
  webviewSessions.close(id);
  if (redirectUri === undefined) throw refuse.badCode();
  const error = { error: 'session_expired', error_description: 'The page was open for too long.' };
  return c.redirect(callback(redirectUri, { ...error, state: given }));
};

const next = async (c: Context, id: string, session: WebviewSession, decision: Decision, options: WebviewOptions): Promise<Response> => {
  const step = stepOf(session, decision, options);
  if ('session' in step) {
    options.webviewSessions.update(id, step.session);
    return shown(id, step.session, options);
  }
  const { redirectUri } = session.request;
  // Nobody waits for a page of `manage` without a redirect URI: it stays open.
  if (redirectUri === undefined) return shown(id, session, options);
  options.webviewSessions.close(id);
  return c.redirect(callback(redirectUri, step.back));
};

const shown = (id: string, session: WebviewSession, { connections, connectors }: WebviewOptions): Promise<Response> => {
  const { request, userId = 0, added } = session;
  const { flow, connectionId, redirectUri } = request;
  if (flow === 'connect') return connectPage({ session: id, connectors: request.connectors, added: added.length });
  const all = connections.list(userId).map((connection) => {
    const name = connectors.find(String(connection.connectorId))?.name ?? 'A bank';
    return { connection, name };
  });
  const wanted = all.filter(({ connection }) => connection.id === connectionId);
  const [first] = wanted;
  if (flow === 'reconnect' && first !== undefined) return reconnectPage({ session: id, ...first });
  return managePage({ session: id, connections: first === undefined ? all : wanted, canClose: redirectUri !== undefined });
};

const preferredLanguage = ({ req }: Context): string => {
  const accepted = (req.header('accept-language') ?? '').toLowerCase().split(',');
  const wanted = accepted.map((range) => range.trim().slice(0, 2));
  return wanted.find((range) => LANGUAGES.some((language) => language === range)) ?? 'en';
};
