import type { Field } from '@auth/core';
import { html } from 'hono/html';
import { type Provider, pluginOf } from '../../providers.ts';
import { vendors } from '../../vendors.ts';
import type { AppContext } from '../context.ts';
import type { Product } from '../product.ts';
import { csrfField, type Markup, page } from './layout.ts';

/** What the form shows instead of what is kept, after a refusal. */
export interface Submitted {
  readonly form: Readonly<Record<string, string>>;
  readonly problems: ReadonlyMap<string, string>;
  readonly message: string;
}

/** A form made of the fields of the plugin. Secrets go in and never come out. */
export const settingsPage = (c: AppContext, product: Product, id: Provider['id'], submitted?: Submitted): Promise<Response> =>
  page(c, product, {
    title: `Settings of ${vendors[id].name}`,
    status: submitted === undefined ? 200 : 400,
    body: html`${submitted ? html`<div class="notice bad" role="alert"><p>${submitted.message}</p></div>` : ''}
      <form method="post" action="/settings" class="card stack">
        ${csrfField(c)}<input type="hidden" name="vendor" value="${id}" />
        ${pluginOf(id).fields.map((field) => row(field, product, submitted))}
        <p class="actions"><button class="primary">Save and use</button> <a class="button" href="/">Back</a></p>
      </form>
      <p class="quiet">Settings are kept in the memory of this process. A product has them in its environment and its secret manager. Secrets are never sent back to a browser: leave a secret empty to keep it.</p>`,
  });

const row = (field: Field, { settings }: Product, submitted: Submitted | undefined): Markup => {
  const { name, variable, label, secret, required } = field;
  const problem = submitted?.problems.get(name);
  const isSet = settings.get(variable) !== undefined;
  const described = [`${name}-about`, ...(problem ? [`${name}-problem`] : [])].join(' ');
  return html`<div class="field">
    <label for="${name}">${label}${required ? '' : html` <span class="quiet">optional</span>`}</label>
    ${control(field, secret ? '' : (submitted?.form[name] ?? settings.get(variable) ?? ''), described, isSet, problem !== undefined)}
    <p class="quiet" id="${name}-about"><code>${variable}</code>${secret ? html` · <strong>${isSet ? 'set' : 'not set'}</strong>` : ''}</p>
    ${problem ? html`<p class="bad-text" id="${name}-problem">${label} ${problem}.</p>` : ''}
    ${secret && !required && isSet ? html`<label class="check"><input type="checkbox" name="remove-${name}" /> Take it away</label>` : ''}
  </div>`;
};

const control = (
  { name, secret, required, choices }: Field,
  value: string,
  described: string,
  isSet: boolean,
  isInvalid: boolean,
): Markup => {
  const invalid = isInvalid ? html`aria-invalid="true"` : '';
  if (choices.length > 0)
    return html`<select id="${name}" name="${name}" aria-describedby="${described}" ${invalid}>
      ${required ? '' : html`<option value="">Default</option>`}
      ${choices.map((choice) => html`<option ${choice === value ? 'selected' : ''}>${choice}</option>`)}
    </select>`;
  return html`<input
    id="${name}" name="${name}" type="${secret ? 'password' : 'text'}" value="${value}" autocomplete="off" spellcheck="false"
    aria-describedby="${described}" ${invalid} ${required && !(secret && isSet) ? 'required' : ''}
  />`;
};
