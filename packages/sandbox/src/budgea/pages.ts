import { html } from 'hono/html';
import { annotate } from '../annotate.ts';
import { type Markup, page } from '../page.ts';
import type { BudgeaConnection } from './connection-state.ts';
import type { Connector } from './connectors.ts';
import type { Refusal } from './errors.ts';

/** A bank's own page, where the user lets an application in. */
export const bankPage = (name: string): Promise<Response> =>
  page({
    title: name,
    body: html`<h1>${name}</h1>
      <p>An application asks to read your accounts and their transactions.</p>
      <form method="post">
        <div class="actions">
          <button name="decision" value="deny">Refuse</button>
          <button class="primary" name="decision" value="approve">Approve</button>
        </div>
      </form>`,
  });

/** The end of a detour that nobody waits for. */
export const donePage = (decision: 'approve' | 'deny'): Promise<Response> =>
  page({
    title: decision === 'approve' ? 'Approved' : 'Refused',
    body: html`<h1>${decision === 'approve' ? 'Approved' : 'Refused'}</h1>
      <p>You can close this page and go back to your application.</p>`,
  });

/** A page that went wrong. Nothing of the request is shown but what the refusal names. */
export const refusalPage = (request: Request, { error: { status, code, description } }: Refusal): Promise<Response> => {
  annotate(request, code);
  return page({
    status,
    title: 'This page cannot be shown',
    body: html`<h1>This page cannot be shown</h1>
      <p>${description}</p>
      <dl>
        <dt>Status</dt>
        <dd>${status}</dd>
        <dt>Code</dt>
        <dd>${code}</dd>
      </dl>
      <p>${hint(description)} Go back to your application and start again.</p>`,
  });
};

/** The choice of a bank. With one bank there is none. `session` goes with every answer. */
export const connectPage = ({
  session,
  connectors,
  added,
}: {
  readonly session: string;
  readonly connectors: readonly Connector[];
  /** How many banks were added before, on this page. */
  readonly added: number;
}): Promise<Response> => {
  const title = added === 0 ? 'Connect your bank' : 'Add another bank?';
  const [first, second] = connectors;
  return page({
    title,
    body: html`<h1>${title}</h1>
      ${
        first === undefined
          ? html`<p>There is no bank like the one that your application asks for.</p>`
          : html`<p>${added === 0 ? 'Your application would like to read your accounts.' : `Connected so far: ${added}.`}</p>`
      }
      <form method="post">
        <input type="hidden" name="session" value="${session}" />
        ${first !== undefined && second === undefined ? only(first) : choice(connectors)}
        <div class="actions">
          ${added === 0 ? button('deny', 'Cancel') : button('finish', 'Finish')}
          ${first === undefined ? '' : button('approve', 'Connect', 'primary')}
        </div>
        ${added === 0 ? single(button('decline', 'Decline the terms')) : ''}
      </form>`,
  });
};

/** A bank that is to be let in again. */
export const reconnectPage = ({
  session,
  name,
  connection,
}: {
  readonly session: string;
  readonly name: string;
  readonly connection: BudgeaConnection;
}): Promise<Response> =>
  page({
    title: 'Reconnect your bank',
    body: html`<h1>Reconnect your bank</h1>
      <dl>
        <dt>Bank</dt>
        <dd>${name}</dd>
        <dt>State</dt>
        <dd>${connection.error ?? 'connected'}</dd>
      </dl>
      <form method="post">
        <input type="hidden" name="session" value="${session}" />
        <div class="actions">${button('deny', 'Cancel')} ${button('approve', 'Reconnect', 'primary')}</div>
      </form>`,
  });

/** A user's banks, each with a button that removes it. */
export const managePage = ({
  session,
  connections,
  canClose,
}: {
  readonly session: string;
  readonly connections: readonly { readonly name: string; readonly connection: BudgeaConnection }[];
  readonly canClose: boolean;
}): Promise<Response> =>
  page({
    title: 'Your banks',
    body: html`<h1>Your banks</h1>
      <p>${connections.length === 0 ? 'There is none.' : 'They let your application read your accounts.'}</p>
      <form method="post">
        <input type="hidden" name="session" value="${session}" />
        <fieldset>
          ${connections.map(
            ({ name, connection: { id, error } }) =>
              html`<div class="choice">
                <span>${name}, ${error ?? 'connected'}</span>
                <button name="delete" value="${id}" aria-label="Remove ${name}">Remove</button>
              </div>`,
          )}
        </fieldset>
        ${canClose ? single(button('finish', 'Close', 'primary')) : ''}
      </form>`,
  });

/** What stands in front of the vendor while it is not there. */
export const unavailablePage = (): Promise<Response> =>
  page({
    status: 503,
    title: '503',
    body: html`<h1>503</h1><p>The request could not be satisfied. Pages begin with a language: /en/connect.</p>`,
  });

const hint = (description: string): string =>
  description.includes("'redirect_uri'")
    ? 'This sandbox redirects to what a client application lists and, unless a list was given, to any address of this machine.'
    : '';

const single = (inner: Markup): Markup => html`<div class="actions">${inner}</div>`;

const only = ({ id, name }: Connector): Markup =>
  html`<input type="hidden" name="connector" value="${id}" />
    <div class="choice">${name}</div>`;

const choice = (connectors: readonly Connector[]): Markup =>
  html`<fieldset>
    ${connectors.map(
      ({ id, name }, index) =>
        html`<label class="choice">
          <input type="radio" name="connector" value="${id}" ${index === 0 ? 'checked' : ''} required />
          ${name}
        </label>`,
    )}
  </fieldset>`;

const button = (decision: string, label: string, kind = ''): Markup =>
  html`<button class="${kind}" name="decision" value="${decision}">${label}</button>`;
