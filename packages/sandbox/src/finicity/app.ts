import type { Clock } from '@auth/core';
import { Hono } from 'hono';
import { accountRoutes } from './accounts.ts';
import { authenticationRoutes } from './authentication.ts';
import { connectRoutes } from './connect.ts';
import type { ConnectLinks } from './connect-link.ts';
import { connectPage } from './connect-page.ts';
import type { CustomerStore } from './customer-store.ts';
import { customerRoutes } from './customers.ts';
import { errors, Refusal } from './errors.ts';
import type { Gate } from './gate.ts';
import { institutionRoutes } from './institutions.ts';
import type { Partner } from './partner.ts';
import { type ErrorStyle, errorReply, text } from './representation.ts';

/** What the vendor consists of. */
export interface AppOptions {
  readonly clock: Clock;
  readonly partnerId: string;
  readonly partner: Partner;
  readonly customers: CustomerStore;
  readonly links: ConnectLinks;
  readonly doors: Gate;
  readonly plan: 'test' | 'production';
  readonly lockedAs: 500 | 401;
  readonly style: ErrorStyle;
}

/** All routes of the vendor, in the order in which it checks a request. */
export const finicityApp = ({ clock, partnerId, partner, customers, links, doors, plan, lockedAs, style }: AppOptions): Hono => {
  const { requireToken, isForeign } = doors;
  const app = new Hono();
  app.use(doors.requireService);
  connectPage(app, { customers, links });
  app.use(doors.requireAppKey);
  authenticationRoutes(app, {
    partnerId,
    partner,
    locked: lockedAs === 500 ? 'locked' : 'lockedAs401',
    unknownPartner: style.region === 'us' ? 'unknownPartner' : 'unknownPartnerAs500',
    isForeign,
  });
  institutionRoutes(app, { clock, requireToken });
  customerRoutes(app, { customers, plan, requireToken });
  accountRoutes(app, { customers, requireToken });
  connectRoutes(app, { partnerId, customers, links, requireToken });

  // Assumption: a known path with another method is as unknown as any other path.
  app.notFound(({ req }) => errorReply(req.raw, errors.resourceNotFound, style));
  app.onError((error, { req }) =>
    error instanceof Refusal ? errorReply(req.raw, error.error, style) : text('Internal Server Error', 500),
  );
  return app;
};
