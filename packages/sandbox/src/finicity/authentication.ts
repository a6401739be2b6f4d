import type { Context, Hono } from 'hono';
import { readCredentials, required } from './credentials-body.ts';
import { errors, type FinicityErrorName, Refusal } from './errors.ts';
import type { Partner } from './partner.ts';
import { json, wantsJson, xml } from './representation.ts';

const PATH = '/aggregation/v2/partners/authentication';

/** 12 to 255 letters, digits and `!@#$%&*_-+`, with at least one letter and one digit. */
const SECRET_POLICY = /^(?=.*[A-Za-z])(?=.*[0-9])[A-Za-z0-9!@#$%&*_+-]{12,255}$/;

/** What the authentication route works with. */
export interface AuthenticationOptions {
  readonly partnerId: string;
  readonly partner: Partner;
  /** What the lock and an unknown partner look like. */
  readonly locked: FinicityErrorName;
  readonly unknownPartner: FinicityErrorName;
  /** Whether the request's app key is another partner's. */
  readonly isForeign: (request: Request) => boolean;
}

/** Create Access Token and Modify Partner Secret. Neither asks for an app token. */
export const authenticationRoutes = (app: Hono, { partnerId, partner, locked, unknownPartner, isForeign }: AuthenticationOptions): void => {
  /** A locked partner is refused before its secret is looked at, so the right one does not help. */
  const authenticate = (request: Request, secret: string): void => {
    if (partner.isLocked()) throw new Refusal(errors[locked]);
    if (isForeign(request)) throw new Refusal(errors.notAuthorized);
    if (!partner.accepts(secret)) throw new Refusal(errors.invalidCredentials);
  };

  const createToken = async ({ req }: Context): Promise<Response> => {
    const body = await readCredentials(req.raw);
    const id = required(body, 'partnerId');
    const secret = required(body, 'partnerSecret');
    if (id !== partnerId) throw new Refusal(errors[unknownPartner]);
    authenticate(req.raw, secret);
    const token = partner.issueToken();
    return wantsJson(req.raw) ? json({ token }) : xml({ access: { token } });
  };

  const modifySecret = async ({ req }: Context): Promise<Response> => {
    const body = await readCredentials(req.raw);
    const id = required(body, 'partnerId');
    const secret = required(body, 'partnerSecret');
    const newSecret = required(body, 'newPartnerSecret');
    // No 404 is declared for this call.
    if (id !== partnerId) throw new Refusal(errors.invalidCredentials);
    authenticate(req.raw, secret);
    if (!SECRET_POLICY.test(newSecret)) throw new Refusal(errors.secretAgainstPolicy);
    partner.changeSecret(newSecret, { keepOld: body.immediate === false });
    return new Response(null, { status: 204 });
  };

  app.post(PATH, createToken);
  app.put(PATH, modifySecret);
};
