import type { Clock } from '@auth/core';
import type { Context, Hono, MiddlewareHandler } from 'hono';
import { badRequest, institutionNotFound, Refusal } from './errors.ts';
import { json } from './representation.ts';

/** What the institution routes work with. */
export interface InstitutionOptions {
  readonly clock: Clock;
  /** Refuses requests without a live app token. */
  readonly requireToken: MiddlewareHandler;
}

/** Get Institutions and Get Institution. Answers are JSON whatever is accepted: their XML form is not documented. */
export const institutionRoutes = (app: Hono, { clock, requireToken }: InstitutionOptions): void => {
  const list = ({ req }: Context): Response => {
    const start = positiveInteger(req.query('start') ?? '1');
    const limit = positiveInteger(req.query('limit') ?? '25');
    if (limit > 1000) throw new Refusal(badRequest);
    const search = (req.query('search') ?? '').toLowerCase();
    const found = INSTITUTIONS.filter(({ name }) => name.toLowerCase().includes(search));
    // `start` is a page, not an offset.
    const page = found.slice((start - 1) * limit, start * limit);
    return json({
      found: found.length,
      displaying: page.length,
      moreAvailable: start * limit < found.length,
      createdDate: Math.floor(clock.now() / 1000),
      institutions: page,
    });
  };

  const one = ({ req }: Context): Response => {
    const institution = INSTITUTIONS.find(({ id }) => String(id) === req.param('id'));
    if (institution === undefined) throw new Refusal(institutionNotFound);
    return json({ institution });
  };

  app.get('/institution/v2/institutions', requireToken, list);
  app.get('/institution/v2/institutions/:id', requireToken, one);
};

const positiveInteger = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new Refusal(badRequest);
  return Number(text);
};

/** Some of the vendor's test banks, with the members that the specification requires. */
const testInstitution = (id: number, name: string, { oauthEnabled = false, status = 'online' } = {}) => ({
  id,
  name,
  transAgg: true,
  ach: true,
  stateAgg: false,
  voi: true,
  voa: true,
  aha: false,
  availBalance: false,
  accountOwner: true,
  oauthEnabled,
  currency: 'USD',
  status,
});

const INSTITUTIONS: readonly ReturnType<typeof testInstitution>[] = [
  testInstitution(101732, 'FinBank'),
  testInstitution(102105, 'FinBank Profiles - A'),
  testInstitution(102168, 'FinBank Profiles - B'),
  testInstitution(171011, 'Finbank OAuth Billable', { oauthEnabled: true }),
  testInstitution(176078, 'Offline', { status: 'offline' }),
];
