import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { getCookie, setCookie } from 'hono/cookie';
import { csrf } from 'hono/csrf';
import { secureHeaders } from 'hono/secure-headers';
import { vendors } from '../vendors.ts';
import type { App, AppContext, AppEnvironment } from './context.ts';
import { problemPage } from './pages/problem.ts';
import type { Product } from './product.ts';
import { createSessions, isOwnForm } from './sessions.ts';

const COOKIE = 'session';
/** Of a form. */
const MOST_BYTES = 64 * 1024;

/** What every page has: headers, a session, and forms that only our own pages can send. */
export const secure = (app: App, product: Product): void => {
  const sessions = createSessions();
  app.use(headersOf(product), ownHostOnly);
  app.use((c, next) => {
    const known = sessions.find(getCookie(c, COOKIE));
    const session = known ?? sessions.open();
    if (known === undefined) setCookie(c, COOKIE, session.id, { httpOnly: true, sameSite: 'Lax', path: '/' });
    c.set('session', session);
    return next();
  });
  app.use(csrf(), bodyLimit({ maxSize: MOST_BYTES, onError: (c) => c.text('This form is too long.', 413) }));
  app.use(async (c, next) => {
    c.set('form', c.req.method === 'POST' ? textsIn(await c.req.parseBody()) : {});
    if (c.req.method === 'POST' && !isOwnForm(c.get('session'), c.get('form')['csrf'])) return refusedForm(c, product);
    return next();
  });
};

/**
 * Nothing is loaded from elsewhere, and no script or style is in a page. Forms lead here, and to the vendor's page: browsers stop
 * redirects after a form that `form-action` does not list. With `no-referrer` browsers would send `Origin: null` with forms.
 */
const headersOf =
  (product: Product): MiddlewareHandler<AppEnvironment> =>
  (c, next) =>
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        connectSrc: ["'self'"],
        imgSrc: ["'self'"],
        formAction: ["'self'", ...pageOrigins(product)],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
      referrerPolicy: 'same-origin',
      xFrameOptions: 'DENY',
      strictTransportSecurity: false,
    })(c, async () => {
      await next();
      if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
    });

/** A sandbox, and a proxy, have the pages at their own address. */
const pageOrigins = (product: Product): readonly string[] => {
  const { id, baseUrl } = product.provider();
  const own = new URL(baseUrl).origin;
  return product.sandbox() === undefined ? [vendors[id].pageOrigin, own] : [own];
};

/** Another name leads here when a page on the web rebinds it. */
const ownHostOnly: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  const { hostname } = new URL(c.req.url);
  return ['127.0.0.1', 'localhost', '[::1]'].includes(hostname) ? next() : c.text('This server answers on loopback only.', 421);
};

const textsIn = (body: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(body).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])));

/** Answers a form that none of our pages sent. */
export const refusedForm = (c: AppContext, product: Product): Promise<Response> =>
  problemPage(c, product, {
    status: 403,
    title: 'This form is too old',
    happened:
      'The form did not come from a page of this session. Nothing was done. The server may have been restarted since the page was opened.',
    advice: 'Open the page again and repeat what you wanted to do.',
    action: { label: 'Open the start page', href: '/' },
  });
