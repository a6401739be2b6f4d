import { html } from 'hono/html';
import { vendors } from '../../vendors.ts';
import type { AppContext } from '../context.ts';
import type { Product } from '../product.ts';

/** Escaped text. */
export type Markup = ReturnType<typeof html> | '';

/** One page. */
export interface Page {
  readonly title: string;
  readonly body: Markup;
  readonly status?: 200 | 400 | 403 | 404 | 409 | 410 | 500 | 502;
  /** Whether the script for live updates belongs to it. */
  readonly live?: boolean;
}

const PAGES = [
  { href: '/', label: 'Configuration' },
  { href: '/connect', label: 'Connect a bank' },
  { href: '/health', label: 'Token health' },
  { href: '/break', label: 'Break it' },
  { href: '/race', label: 'Race' },
  { href: '/wire', label: 'Wire' },
] as const;

/** A whole document around a page. */
export const page = async (c: AppContext, product: Product, { title, body, status = 200, live = false }: Page): Promise<Response> => {
  const session = c.get('session');
  const { notice } = session;
  session.notice = undefined;
  return c.html(
    await html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>${title} · Bank connections</title>
          <link rel="icon" href="/static/icon.svg" type="image/svg+xml" />
          <link rel="stylesheet" href="/static/app.css" />
          ${live ? html`<script src="/static/live.js" defer></script>` : ''}
        </head>
        <body>
          <a class="skip" href="#main">Skip to the content</a>
          <header class="top">
            <p class="brand">Bank connections <span class="badge">${vendorLine(product)}</span></p>
            <nav aria-label="Pages">
              <ul>
                ${PAGES.map(({ href, label }) => html`<li><a href="${href}" ${isIn(c.req.path, href) ? html`aria-current="page"` : ''}>${label}</a></li>`)}
              </ul>
            </nav>
          </header>
          <main id="main" tabindex="-1">
            <h1>${title}</h1>
            ${notice ? html`<p class="notice good" role="status">${notice}</p>` : ''} ${body}
          </main>
        </body>
      </html>`,
    status,
  );
};

/** The settings belong to the configuration. */
const isIn = (path: string, href: string): boolean => path === href || (href === '/' && path === '/settings');

const vendorLine = (product: Product): string => {
  const { name } = vendors[product.provider().id];
  return product.sandbox() === undefined ? name : `${name}, sandbox`;
};

/** Goes into every form. */
export const csrfField = (c: AppContext): Markup => html`<input type="hidden" name="csrf" value="${c.get('session').csrf}" />`;

/** A moment, for people and for scripts. */
export const moment = (at: number): Markup => {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(11, 19)}</time>`;
};
