import { html } from 'hono/html';
import { pluginOf, registry } from '../../providers.ts';
import { vendors } from '../../vendors.ts';
import type { AppContext } from '../context.ts';
import type { Product } from '../product.ts';
import { csrfField, type Markup, page } from './layout.ts';

/** The configuration, and the line in which vendors differ. */
export const homePage = (c: AppContext, product: Product): Promise<Response> => {
  const { id } = product.provider();
  return page(c, product, {
    title: 'Configuration',
    body: html`<p class="lead">One object configures the provider. To change the vendor, change one line: your code for tokens, users and connecting stays as it is. Only the paths of the data are the vendor’s own.</p>
      <section class="card" aria-labelledby="switch">
        <h2 id="switch">Switch</h2>
        <form method="post" action="/" class="row">
          ${csrfField(c)}
          <label>Vendor
            <select name="provider">${registry.plugins.map((plugin) => option(plugin.id, id))}</select>
          </label>
          <button class="primary">Switch the vendor</button>
        </form>
        <p class="quiet">This disposes of the provider and creates the other one. The store and the observer stay. Users belong to a vendor: those of this one are back when you switch back.</p>
      </section>
      <section class="card" aria-labelledby="object">
        <h2 id="object">The configuration object</h2>
        ${configuration(product)}
        <p class="actions"><a class="button" href="/settings">Change the settings of ${vendors[id].name}</a></p>
      </section>
      <section aria-labelledby="next">
        <h2 id="next">Where to go</h2>
        <ul class="tiles">
          ${TILES.map(([href, label, text]) => html`<li><a href="${href}">${label}</a> <span>${text}</span></li>`)}
        </ul>
      </section>`,
  });
};

const TILES = [
  ['/connect', 'Connect a bank', 'A user of yours connects a bank on the vendor’s page and comes back.'],
  ['/health', 'Token health', 'What each token is doing, as it happens.'],
  ['/break', 'Break it', 'Outages, limits, wrong secrets, killed processes, and what becomes of your calls.'],
  ['/race', 'Race', 'A hand-written client beside this one, under the same bad luck.'],
  ['/wire', 'Wire', 'Every request to the vendor as a curl line without secrets.'],
] as const;

const option = (value: keyof typeof vendors, selected: string): Markup =>
  html`<option value="${value}" ${value === selected ? 'selected' : ''}>${vendors[value].name}</option>`;

/** As it is in a source file; secrets are named and not shown. */
const configuration = (product: Product): Markup => {
  const { id } = product.provider();
  const entries = registry.plugins.flatMap((plugin) =>
    pluginOf(plugin.id).fields.map(({ variable, secret }) => {
      const value = product.settings.get(variable);
      if (value === undefined) return '';
      const shown = secret ? html`<i>/* set, not shown */</i>` : html`<b>'${value}'</b>`;
      return html`<span class="line">    ${variable}: ${shown},</span>`;
    }),
  );
  return html`<pre class="code" tabindex="0" aria-label="Configuration"><code><span class="line">const provider = registry.fromEnv(</span><span class="line">  {</span><mark class="line">    AUTH_PROVIDER: <b>'${id}'</b>, <i>// the only line that differs</i></mark>${entries}<span class="line">  },</span><span class="line">  { store, observe }, <i>// ${product.store.name}</i></span><span class="line">);</span></code></pre>`;
};
