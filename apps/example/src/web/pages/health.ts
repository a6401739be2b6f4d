import type { AuthEvent } from '@auth/core';
import { html } from 'hono/html';
import { vendors } from '../../vendors.ts';
import { advice } from '../advice.ts';
import { type AuthorityRow, authoritiesOf } from '../authorities.ts';
import type { AppContext } from '../context.ts';
import type { Product } from '../product.ts';
import { type Markup, moment, page } from './layout.ts';
import { timeline } from './timeline.ts';

/** The state of every token, as it happens. */
export const healthPage = async (c: AppContext, product: Product): Promise<Response> =>
  page(c, product, {
    title: 'Token health',
    live: true,
    body: html`<p class="lead">What the engine knows of each authority. No token is on this page: events name tokens by random ids.</p>
      <p class="quiet" id="live-status" role="status">Without JavaScript, reload the page for news.</p>
      <div id="live">${await healthPanel(product)}</div>`,
  });

/** The part that changes, which the break page shows too. */
export const healthPanel = async (product: Product): Promise<Markup> => {
  const rows = await authoritiesOf(product);
  const events = product.events.recent();
  return html`<div class="grid">${rows.map((row) => authorityCard(row, product))}</div>
    ${rows.length === 0 ? html`<p class="card">There is no authority yet: connect a bank first.</p>` : ''}
    <section class="card" aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      ${timeline(events, product.clock.now())}
    </section>
    <section class="card" aria-labelledby="events">
      <h2 id="events">Events</h2>
      ${eventTable(events, new Map(rows.map(({ authority, subject }) => [authority, subject])))}
    </section>`;
};

const authorityCard = (row: AuthorityRow, product: Product): Markup => {
  const now = product.clock.now();
  return html`<article class="card authority" data-authority="${row.authority}" data-state="${row.state}">
    <div class="between">
      <h2>${vendors[product.provider().id].name}: ${row.subject}</h2>
      <span class="badge ${LOOKS[row.state]}" data-field="state">${row.state}</span>
    </div>
    ${timeLeft(row, now)}
    <dl>
      <dt>What it means</dt><dd>${MEANINGS[row.state]}</dd>
      <dt>Environment</dt><dd>${new URL(product.provider().baseUrl).host}${product.sandbox() ? ', sandbox' : ''}</dd>
      <dt>Next refresh</dt><dd>${row.nextRefreshAt === null ? 'when a call needs it' : moment(row.nextRefreshAt)}</dd>
      <dt>Last success</dt><dd>${row.lastSuccessAt === null ? 'none yet' : moment(row.lastSuccessAt)}</dd>
      <dt>Last error</dt><dd data-field="error">${row.lastError === null ? 'none' : html`<code>${row.lastError}</code> ${advice[row.lastError]}`}</dd>
      <dt>Attempts left</dt><dd data-field="attempts">${row.attemptsLeft === null ? 'not counted' : `${row.attemptsLeft} wrong ${row.attemptsLeft === 1 ? 'secret' : 'secrets'} before it stops trying`}</dd>
      <dt>Store</dt><dd>${product.store.name}${isWithoutStore(row.events) ? ', not reached at the last attempt' : ''}</dd>
      <dt>Lease held by</dt><dd data-field="lease">${row.leaseHolder}</dd>
    </dl>
  </article>`;
};

/** The bar moves by the script; without it, it shows the moment at which the page was made. */
const timeLeft = ({ expiresAt, lastSuccessAt, state }: AuthorityRow, now: number): Markup => {
  if (expiresAt === null || lastSuccessAt === null)
    return html`<p class="quiet">${state === 'empty' || state === 'refused' ? 'No token is held.' : 'The token has no end of its own.'}</p>`;
  const left = Math.max(0, expiresAt - now);
  return html`<div class="left">
    <progress max="${expiresAt - lastSuccessAt}" value="${left}" aria-label="Time left" data-expires-at="${expiresAt}"></progress>
    <span data-time-left>${duration(left)}</span>
  </div>`;
};

const duration = (milliseconds: number): string => {
  const seconds = Math.round(milliseconds / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return `${hours > 0 ? `${hours} h ` : ''}${minutes} min ${seconds % 60} s left`;
};

const isWithoutStore = (events: readonly AuthEvent[]): boolean =>
  events.at(-1)?.type === 'served_without_store' || events.at(-2)?.type === 'served_without_store';

const LOOKS = {
  static: 'good',
  fresh: 'good',
  advisory: 'good',
  empty: '',
  mandatory: 'warn',
  expired: 'bad',
  refused: 'bad',
} satisfies Record<AuthorityRow['state'], string>;

const MEANINGS = {
  static: 'A token that does not end by itself.',
  empty: 'No token is held; the next call gets one.',
  fresh: 'Calls are served from memory.',
  advisory: 'Calls are served, and a renewal is due in the background.',
  mandatory: 'Calls wait for the renewal.',
  expired: 'The token has ended; calls wait for another.',
  refused: 'The vendor refused the credentials. They are not tried again.',
} satisfies Record<AuthorityRow['state'], string>;

/** Newest first; the chart has more. */
const MOST_ROWS = 20;

const eventTable = (events: readonly AuthEvent[], subjects: ReadonlyMap<string, string>): Markup =>
  events.length === 0
    ? html`<p>Nothing has happened yet.</p>`
    : html`<div class="scroll" id="events-region" tabindex="0" role="region" aria-labelledby="events">
        <table>
          <thead><tr><th scope="col">Time (UTC)</th><th scope="col">Event</th><th scope="col">Whose</th><th scope="col">Details</th></tr></thead>
          <tbody>
            ${events
              .toReversed()
              .slice(0, MOST_ROWS)
              .map(
                (event) => html`<tr>
                  <td>${moment(event.at)}</td><td><code>${event.type}</code></td><td>${subjects.get(event.authority) ?? nameOf(event.provider)}</td><td>${details(event)}</td>
                </tr>`,
              )}
          </tbody>
        </table>
      </div>`;

const nameOf = (id: string): string => Object.entries(vendors).find(([known]) => known === id)?.[1].name ?? id;

const details = (event: AuthEvent): string => {
  if ('code' in event) return event.code;
  if ('duration' in event) return `took ${Math.round(event.duration)} ms`;
  return '';
};
