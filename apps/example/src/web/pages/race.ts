import { html } from 'hono/html';
import type { RaceResult, Side } from '../../race/race.ts';
import { vendors } from '../../vendors.ts';
import type { AppContext } from '../context.ts';
import type { Product } from '../product.ts';
import { csrfField, type Markup, page } from './layout.ts';

/** Two clients under the same bad luck, side by side. */
export const racePage = (c: AppContext, product: Product): Promise<Response> => {
  const { id } = product.provider();
  const { raced } = c.get('session');
  const isThisVendor = raced?.vendor === id;
  return page(c, product, {
    title: 'Race',
    body: html`<p class="lead">A hand-written client, as many teams have one, and this one. Each runs in two processes against a sandbox of its own, through an ended token and a wrong secret.</p>
      <section class="card" aria-labelledby="start">
        <h2 id="start">At ${vendors[id].name}</h2>
        <form method="post" action="/race" class="row">
          ${csrfField(c)}
          <button class="primary">Run the race</button>
        </form>
        <p class="quiet">Two rounds of 200 calls for each side. Takes some seconds.</p>
      </section>
      ${raced && isThisVendor ? resultTable(raced.result) : ''}`,
  });
};

const ROWS: readonly { readonly label: string; readonly about: string; readonly value: (side: Side) => string | number }[] = [
  { label: 'Token requests', about: 'that reached the vendor', value: ({ tokenRequests }) => tokenRequests },
  { label: 'Failed calls', about: 'although the product had the right secret', value: ({ failedCalls }) => failedCalls },
  { label: 'Attempts burnt', about: 'by the wrong secret', value: ({ attemptsBurnt }) => attemptsBurnt },
  { label: 'Account locked', about: 'in the end', value: ({ locked }) => (locked ? 'yes' : 'no') },
  { label: 'Time', about: 'from the first call to the last', value: ({ milliseconds }) => `${(milliseconds / 1000).toFixed(1)} s` },
];

const resultTable = ({ ours, handWritten }: RaceResult): Markup => html`<section class="card" aria-labelledby="result">
  <h2 id="result">Result</h2>
  <table class="race">
    <thead><tr><th scope="col">What</th><th scope="col">Hand-written</th><th scope="col">This one</th></tr></thead>
    <tbody>
      ${ROWS.map(
        ({ label, about, value }) => html`<tr>
          <th scope="row">${label} <span class="quiet">${about}</span></th>
          <td data-side="hand-written">${value(handWritten)}</td>
          <td data-side="ours">${value(ours)}</td>
        </tr>`,
      )}
    </tbody>
  </table>
</section>`;
