import type { Clock } from '@auth/core';
import type { Context, Hono, MiddlewareHandler } from 'hono';
import { errors, Refusal } from './errors.ts';
import { counted, pageSize } from './paging.ts';
import { json } from './representation.ts';
import { type Institution, institutionOf, PRODUCTS, TEST_INSTITUTIONS } from './test-institutions.ts';

/** What the institution routes work with. */
export interface InstitutionOptions {
  readonly clock: Clock;
  /** Refuses requests without a live app token. */
  readonly requireToken: MiddlewareHandler;
}

/** Get Institutions and Get Institution. Answers are JSON whatever is accepted: their XML form is not documented. */
export const institutionRoutes = (app: Hono, { clock, requireToken }: InstitutionOptions): void => {
  const list = ({ req }: Context): Response => {
    const start = counted(req.query('start') ?? '1');
    const limit = pageSize(req.query('limit'));
    if (!COUNTRIES.test(req.query('supportedCountries') ?? '*')) throw new Refusal(errors.badRequest);
    const search = (req.query('search') ?? '').toLowerCase();
    const isOfType = certified(req.query('type') ?? '');
    const found = TEST_INSTITUTIONS.filter((each) => each.name.toLowerCase().includes(search) && isOfType(each));
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
    const id = req.param('institutionId') ?? '';
    if (!/^\d+$/.test(id)) throw new Refusal(errors.badRequest);
    const institution = institutionOf(id);
    if (institution === undefined) throw new Refusal(errors.institutionNotFound);
    return json({ institution });
  };

  app.get('/institution/v2/institutions', requireToken, list);
  app.get('/institution/v2/institutions/:institutionId', requireToken, one);
};

/** Two letters, several times, or all countries. Every test bank is found in each of them. */
const COUNTRIES = /^(\*|[a-zA-Z]{2}(,[a-zA-Z]{2})*)$/;

const certified = (type: string): ((institution: Institution) => boolean) => {
  if (type === '') return () => true;
  const product = PRODUCTS.find((name) => name === type);
  if (product === undefined) throw new Refusal(errors.badRequest);
  return (institution) => institution[product];
};
