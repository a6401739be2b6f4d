import { html } from 'hono/html';
import { vendors } from '../../vendors.ts';
import type { AppContext } from '../context.ts';
import type { CurlEntry } from '../curl-log.ts';
import type { Product } from '../product.ts';
import { type Markup, moment, page } from './layout.ts';

/** The latest requests to vendors. */
export const wirePage = (c: AppContext, product: Product): Promise<Response> => {
  const entries = product.curl.entries();
  return page(c, product, {
    title: 'Wire',
    body: html`<p class="lead">Every request to a vendor, newest first, as a curl line. Where a secret, a token, a code, a signature or an id was, a shell variable is.</p>
      ${
        entries.length === 0
          ? html`<p class="card">Nothing was sent yet. <a href="/connect">Connect a bank</a>, or <a href="/break">break something</a>.</p>`
          : html`<p class="quiet">Requests that look the same and follow each other are one entry. The latest 100 are kept.</p>
              <ol class="wire" reversed>${entries.map(entryCard)}</ol>`
      }`,
  });
};

const entryCard = ({ at, provider, curl, statuses, open }: CurlEntry, index: number): Markup => html`<li class="card">
  <p class="between">
    <span>${moment(at)} <span class="quiet">${vendorName(provider)}</span></span>
    <span>${[...statuses].map(([status, times]) => outcome(status, times))} ${open > 0 ? html`<span class="badge">${open} on the way</span>` : ''}</span>
  </p>
  <pre class="code" tabindex="0" aria-label="Request ${index + 1}"><code>${curl}</code></pre>
</li>`;

const outcome = (status: number, times: number): Markup =>
  html`<span class="badge ${status >= 200 && status < 400 ? 'good' : 'bad'}">${times > 1 ? `${times} × ` : ''}${status === 0 ? 'no answer' : status}</span> `;

const vendorName = (id: string): string => Object.entries(vendors).find(([known]) => known === id)?.[1].name ?? id;
