import { AuthError } from '@auth/core';
import { html } from 'hono/html';
import { advice } from '../advice.ts';
import type { AppContext } from '../context.ts';
import type { Product } from '../product.ts';
import { type Markup, type Page, page } from './layout.ts';

/** What went wrong, and how it goes on. */
export interface Problem {
  readonly status: NonNullable<Page['status']>;
  readonly title: string;
  readonly happened: string;
  readonly advice: string;
  readonly code?: string | undefined;
  readonly action: { readonly label: string; readonly href: string };
}

/** A page that says what happened, what to do, and leads there. */
export const problemPage = (c: AppContext, product: Product, problem: Problem): Promise<Response> =>
  page(c, product, {
    title: problem.title,
    status: problem.status,
    body: html`<section class="card problem">
      <p>${problem.happened}</p>
      <p><strong>What to do:</strong> ${problem.advice}</p>
      ${problem.code ? html`<p class="quiet">Code: <code>${problem.code}</code></p>` : ''}
      <p class="actions"><a class="button primary" href="${problem.action.href}">${problem.action.label}</a></p>
    </section>`,
  });

/** The same for what a provider rejected with. Anything else is a defect, and is thrown on. */
export const failurePage = (c: AppContext, product: Product, error: unknown, action: Problem['action']): Promise<Response> => {
  if (!AuthError.is(error)) throw error;
  return problemPage(c, product, {
    status: 502,
    title: 'That did not work',
    happened: error.message,
    advice: advice[error.code],
    code: error.code,
    action,
  });
};

/** In the middle of a page. */
export const alert = (error: unknown): Markup => {
  if (!AuthError.is(error)) throw error;
  return html`<div class="notice bad" role="alert">
    <p>${error.message}</p>
    <p><strong>What to do:</strong> ${advice[error.code]} <code>${error.code}</code></p>
  </div>`;
};
