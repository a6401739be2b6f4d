import type { Context, Hono } from 'hono';
import { html } from 'hono/html';
import { readBody } from '../body.ts';
import { page } from '../page.ts';
import { type BadLink, CONNECT_PATH, type ConnectLinks } from './connect-link.ts';
import type { CustomerStore, Enrolled } from './customer-store.ts';
import { connectable, type Institution, institutionOf } from './test-institutions.ts';

/** What the page works with. */
export interface ConnectPageOptions {
  readonly customers: CustomerStore;
  readonly links: ConnectLinks;
}

/** What one visit is about. */
interface Visit {
  readonly query: URLSearchParams;
  readonly customerId: string;
  /** The banks to choose from: several, the one that the link names, or that of the login to mend. */
  readonly institutions: readonly Institution[];
}

/**
 * The page behind a link: choose a bank, approve or cancel. It asks for no app key, as it is for people. `auto=approve` and
 * `auto=cancel` in its address press the button for tests without a browser.
 */
export const connectPage = (app: Hono, { customers, links }: ConnectPageOptions): void => {
  const visit = async ({ req }: Context, answer: (visit: Visit) => Promise<Response>): Promise<Response> => {
    const query = new URL(req.url).searchParams;
    const state = await links.check(query);
    if (state !== 'good') return refusalPage(REFUSALS[state]);
    const customerId = query.get('customerId') ?? '';
    const enrolled = customers.find(customerId);
    if (enrolled === undefined) return refusalPage(NO_CUSTOMER);
    return answer({ query, customerId, institutions: offered(query, enrolled) });
  };

  const decide = async (visit: Visit, decision: string | null, institutionId: string | null): Promise<Response> => {
    if (decision === 'cancel') return ended(visit, 'cancelled');
    const institution = visit.institutions.find(({ id }) => String(id) === institutionId);
    if (decision !== 'approve' || institution === undefined) return refusalPage(NO_DECISION);
    if (!links.use(visit.query)) return refusalPage(REFUSALS.used);
    if (visit.query.get('type') !== 'fix') customers.connect(visit.customerId, institution);
    return ended(visit, 'complete');
  };

  app.get(CONNECT_PATH, (context) =>
    visit(context, async (visited) => {
      const auto = visited.query.get('auto');
      // A HEAD request comes here too, and must not decide anything.
      if (auto === null || context.req.raw.method !== 'GET') return choicePage(visited);
      return decide(visited, auto, String(visited.institutions[0]?.id));
    }),
  );
  app.post(CONNECT_PATH, (context) =>
    visit(context, async (visited) => {
      const form = new URLSearchParams(new TextDecoder().decode(await readBody(context.req.raw)));
      return decide(visited, form.get('decision'), form.get('institutionId'));
    }),
  );
};

const offered = (query: URLSearchParams, { customer, accounts }: Enrolled): readonly Institution[] => {
  const login = query.get('institutionLoginId');
  const mended = accounts.find((account) => String(account.institutionLoginId) === login)?.institutionId;
  const named = mended ?? query.get('institutionId');
  if (named === null) return connectable(customer.type);
  const institution = institutionOf(named);
  return institution === undefined ? [] : [institution];
};

/** Back to the product; without a `redirectUri`, as where the page is embedded, to a page that says so. */
const ended = async ({ query, customerId }: Visit, outcome: keyof typeof OUTCOMES): Promise<Response> => {
  const { title, ...reported } = OUTCOMES[outcome];
  const redirectUri = query.get('redirectUri');
  if (redirectUri === null) {
    return page({
      title,
      body: html`<h1>${title}</h1>
        <p>You can close this page.</p>`,
    });
  }
  const location = new URL(redirectUri);
  for (const [name, value] of Object.entries({ ...reported, customerId })) location.searchParams.set(name, value);
  return new Response(null, { status: 302, headers: { location: location.href, 'cache-control': 'no-store' } });
};

const OUTCOMES = {
  complete: { title: 'Your accounts are connected', success: 'true', code: '200', reason: 'complete' },
  cancelled: { title: 'Nothing was connected', success: 'false', code: '100', reason: 'exit' },
} as const;

const choicePage = ({ query, institutions }: Visit): Promise<Response> => {
  const title = query.get('type') === 'fix' ? 'Reconnect your bank' : 'Connect your bank';
  return page({
    title,
    body: html`<h1>${title}</h1>
      <p>The product that sent you here asks to see your accounts.</p>
      <form method="post">
        <fieldset>
          <legend>Your bank</legend>
          ${institutions.map(
            ({ id, name }, index) => html`<label class="choice"
              ><input type="radio" name="institutionId" value="${id}" ${index === 0 ? 'checked' : ''} />${name}</label
            >`,
          )}
        </fieldset>
        <div class="actions">
          <button name="decision" value="cancel">Cancel</button>
          <button class="primary" name="decision" value="approve">Approve</button>
        </div>
      </form>`,
  });
};

interface RefusedVisit {
  readonly status: number;
  readonly title: string;
  readonly advice: string;
}

const REFUSALS: Readonly<Record<BadLink, RefusedVisit>> = {
  tampered: {
    status: 403,
    title: 'This link is not genuine',
    advice: 'Its signature does not fit. Open it exactly as it was generated, or generate another.',
  },
  expired: { status: 410, title: 'This link has expired', advice: 'A link lives for two hours. Generate another.' },
  used: { status: 410, title: 'This link was used', advice: 'It was generated for a single use. Generate another.' },
};

const NO_CUSTOMER: RefusedVisit = {
  status: 404,
  title: 'This customer is gone',
  advice: 'The customer was deleted after the link was generated.',
};

const NO_DECISION: RefusedVisit = {
  status: 400,
  title: 'Nothing was decided',
  advice: 'Choose one of the banks on the page, and approve or cancel.',
};

const refusalPage = ({ status, title, advice }: RefusedVisit): Promise<Response> =>
  page({
    title,
    status,
    body: html`<h1>${title}</h1>
      <p>${advice}</p>`,
  });
