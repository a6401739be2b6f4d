import { supports } from '@auth/core';
import { html } from 'hono/html';
import type { Connection } from '../../connections.ts';
import { vendors } from '../../vendors.ts';
import type { AppContext } from '../context.ts';
import type { Product } from '../product.ts';
import type { AppUser } from '../users.ts';
import { csrfField, type Markup, page } from './layout.ts';
import { alert } from './problem.ts';

/** The user that was chosen, with what the vendor says, or why it does not. */
export type Visited = { readonly user: AppUser } & ({ readonly connections: readonly Connection[] } | { readonly error: unknown });

/** Users to choose from, and the connections of one. */
export const connectPage = (c: AppContext, product: Product, visited: Visited | undefined): Promise<Response> => {
  const provider = product.provider();
  const { name } = vendors[provider.id];
  const users = product.users.list(product.scope());
  return page(c, product, {
    title: 'Connect a bank',
    body: supports(provider, 'users', 'connect')
      ? html`<p class="lead">A user of yours goes to the page of ${name}, chooses a bank there, and comes back. You store one thing: the id of the user at ${name}.</p>
          ${visited ? userCard(c, name, visited) : ''} ${users.length > 0 ? usersCard(users, visited?.user.id) : ''} ${newUserCard(c, name)}`
      : html`<p class="lead">${name} has no page on which users connect a bank.</p>`,
  });
};

const newUserCard = (c: AppContext, name: string): Markup => html`<section class="card" aria-labelledby="new">
  <h2 id="new">A new user</h2>
  <form method="post" action="/connect/users" class="row">
    ${csrfField(c)}
    <label>Your name for the user
      <input name="reference" required minlength="6" maxlength="64" pattern="[A-Za-z0-9_.\\-]+" autocomplete="off" spellcheck="false" value="customer-${Date.now() % 100_000}" />
    </label>
    <button class="primary">Create and connect a bank</button>
  </form>
  <p class="quiet">6 to 64 letters, digits, dots, dashes and underscores. Better no e-mail address: ${name} may get to see it.</p>
</section>`;

const usersCard = (users: readonly AppUser[], chosen: number | undefined): Markup => html`<section class="card" aria-labelledby="users">
  <h2 id="users">Your users</h2>
  <ul class="list">
    ${users.map(
      ({ id, reference }) =>
        html`<li><a href="/connect?user=${id}" ${id === chosen ? html`aria-current="true"` : ''}>${reference}</a> <span class="quiet">your id ${id}</span></li>`,
    )}
  </ul>
</section>`;

const userCard = (c: AppContext, name: string, visited: Visited): Markup => {
  const { user } = visited;
  return html`<section class="card" aria-labelledby="user">
    <h2 id="user">${user.reference}</h2>
    <p class="quiet">Your id ${user.id}. The id at ${name} and nothing else is stored beside it.</p>
    ${'error' in visited ? alert(visited.error) : connectionsOf(c, visited.connections, user)}
    <div class="actions">
      ${button(c, '/connect', { user: String(user.id) }, hasBank(visited) ? 'Connect another bank' : 'Connect a bank', 'primary')}
      ${button(c, '/connect/disconnect', { user: String(user.id) }, 'Disconnect this user', 'danger')}
    </div>
  </section>`;
};

const hasBank = (visited: Visited): boolean => 'connections' in visited && visited.connections.length > 0;

const connectionsOf = (c: AppContext, connections: readonly Connection[], user: AppUser): Markup =>
  connections.length === 0
    ? html`<p>No bank is connected yet.</p>`
    : html`<ul class="list">
        ${connections.map(
          ({ id, bank, problem, accounts }) => html`<li>
            <div class="between">
              <h3>${bank} <span class="badge ${problem ? 'warn' : 'good'}">${problem ?? 'works'}</span></h3>
              ${button(c, '/connect', { user: String(user.id), connection: id }, 'Reconnect', '', `Reconnect ${bank}`)}
            </div>
            <ul class="plain">
              ${accounts.map((account) => html`<li>${account.name} <span class="quiet">${account.type} ${account.currency}</span></li>`)}
            </ul>
          </li>`,
        )}
      </ul>`;

const button = (
  c: AppContext,
  action: string,
  fields: Readonly<Record<string, string>>,
  label: string,
  look: string,
  name = label,
): Markup => html`<form method="post" action="${action}">
  ${csrfField(c)}${Object.entries(fields).map(([field, value]) => html`<input type="hidden" name="${field}" value="${value}" />`)}
  <button class="${look}" ${name === label ? '' : html`aria-label="${name}"`}>${label}</button>
</form>`;
