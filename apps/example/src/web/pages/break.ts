import { html } from 'hono/html';
import { vendors } from '../../vendors.ts';
import type { Action, BreakResult } from '../break/action.ts';
import type { AppContext } from '../context.ts';
import type { Product } from '../product.ts';
import { healthPanel } from './health.ts';
import { csrfField, type Markup, page } from './layout.ts';

/** A button for each way to fail, and what became of the last one. */
export const breakPage = async (c: AppContext, product: Product, possible: readonly Action[]): Promise<Response> => {
  const { broken } = c.get('session');
  return page(c, product, {
    title: 'Break it',
    live: true,
    body: html`<p class="lead">Things go wrong at the sandbox of ${vendors[product.provider().id].name}, or on our side. Each button says afterwards what a product saw of it.</p>
      ${broken ? resultCard(broken) : ''}
      <form method="post" action="/break" class="grid">
        ${csrfField(c)}
        ${possible.map(
          ({ id, label, does }) => html`<div class="card action">
            <p id="${id}-does">${does}</p>
            <button name="action" value="${id}" aria-describedby="${id}-does">${label}</button>
          </div>`,
        )}
      </form>
      <h2>What the engine makes of it</h2>
      <p class="quiet" id="live-status" role="status">Without JavaScript, reload the page for news.</p>
      <div id="live">${await healthPanel(product)}</div>`,
  });
};

/** Nothing is broken where it is real. */
export const noBreakPage = (c: AppContext, product: Product): Promise<Response> =>
  page(c, product, {
    title: 'Break it',
    body: html`<p class="lead">${vendors[product.provider().id].name} itself is at the other end, with your credentials.</p>
      <section class="card">
        <p>The buttons of this page end tokens, use wrong secrets and change secrets. That can lock an account, so they are there for sandboxes only.</p>
        <p><strong>What to do:</strong> start the application without the variables of this vendor, or switch to a vendor without credentials.</p>
        <p class="actions"><a class="button" href="/">Open the configuration</a></p>
      </section>`,
  });

const resultCard = ({ action, did, made, calls, failed, code, tokenRequests, dataRequests, milliseconds }: BreakResult): Markup =>
  html`<section class="card result" aria-labelledby="result" role="status">
    <h2 id="result">${action}</h2>
    <p>${did}</p>
    <p>${made}</p>
    <dl class="numbers">
      <div><dt>Calls</dt><dd data-field="calls">${calls}</dd></div>
      <div><dt>Failed</dt><dd data-field="failed">${failed}</dd></div>
      <div><dt>Token requests</dt><dd data-field="token-requests">${tokenRequests}</dd></div>
      <div><dt>Data requests</dt><dd data-field="data-requests">${dataRequests}</dd></div>
      <div><dt>Error code</dt><dd data-field="code">${code ?? 'none'}</dd></div>
      <div><dt>Took</dt><dd>${milliseconds} ms</dd></div>
    </dl>
  </section>`;
