import type { Context, Hono, MiddlewareHandler } from 'hono';
import type { ConnectLinks } from './connect-link.ts';
import type { CustomerStore } from './customer-store.ts';
import { connectField, errors, Refusal } from './errors.ts';
import { json } from './representation.ts';
import { type JsonBody, readJson } from './request-body.ts';
import { institutionOf } from './test-institutions.ts';

/** What the link routes work with. */
export interface ConnectOptions {
  readonly partnerId: string;
  readonly customers: CustomerStore;
  readonly links: ConnectLinks;
  /** Refuses requests without a live app token. */
  readonly requireToken: MiddlewareHandler;
}

type Parameters = Readonly<Record<string, string>>;

/** Generate Data Connect URL, in full, for one bank and for a login that has to be mended. */
export const connectRoutes = (app: Hono, { partnerId, customers, links, requireToken }: ConnectOptions): void => {
  const route = (path: string, more: (body: JsonBody, customerId: string) => Parameters): void => {
    app.post(path, requireToken, async ({ req }: Context) => {
      const body = await readJson(req.raw);
      if (text(body, 'partnerId') !== partnerId) throw new Refusal(errors.connectInvalidPartner);
      const customerId = text(body, 'customerId');
      const parameters = { ...optional(body), ...more(body, customerId), partnerId, customerId, origin: 'url' };
      // The service asks another one for the customer, and hands on how that refused.
      if (customers.find(customerId) === undefined) {
        throw invalid(`Request failed with status code 404 GET /aggregation/v1/customers/${customerId}`);
      }
      return json({ link: await links.create(new URL(req.url).origin, parameters) });
    });
  };

  route('/connect/v2/generate', () => ({}));
  route('/connect/v2/generate/lite', (body) => {
    const institutionId = numeric(body, 'institutionId');
    if (institutionOf(institutionId) === undefined) throw invalid('Invalid "institutionId" in request body');
    return { institutionId, type: 'lite' };
  });
  route('/connect/v2/generate/fix', (body, customerId) => {
    const institutionLoginId = numeric(body, 'institutionLoginId');
    const isHis = customers.find(customerId)?.accounts.some((account) => String(account.institutionLoginId) === institutionLoginId);
    if (!isHis) throw invalid('Invalid "institutionLoginId" in request body');
    return { institutionLoginId, type: 'fix' };
  });
};

const invalid = (message: string): Refusal => new Refusal(connectField(message));

const text = (body: JsonBody, name: string): string => {
  const value = optionalText(body, name);
  if (value === undefined) throw invalid(`"${name}" is required`);
  return value;
};

const optionalText = (body: JsonBody, name: string): string | undefined => {
  const value = body[name] ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw invalid(`"${name}" must be a string`);
  if (value?.trim() === '') throw invalid(`"${name}" is not allowed to be empty`);
  return value;
};

/** A number, or a text of digits. */
const numeric = (body: JsonBody, name: string): string => {
  const value = body[name] ?? undefined;
  if (value === undefined) throw invalid(`"${name}" is required`);
  if (!/^\d+$/.test(String(value))) throw invalid(`"${name}" must be a number`);
  return String(value);
};

const isTrue = (body: JsonBody, name: string): boolean => {
  const value = body[name] ?? false;
  if (typeof value !== 'boolean') throw invalid(`"${name}" must be a boolean`);
  return value;
};

/** Members that go on into the link. Others, like those for webhooks, are taken and forgotten. */
const optional = (body: JsonBody): Parameters => {
  const redirectUri = optionalText(body, 'redirectUri');
  if (redirectUri === undefined && isTrue(body, 'isWebView')) throw invalid('"redirectUri" is required');
  if (redirectUri !== undefined && !isWebAddress(redirectUri)) throw invalid('"redirectUri" must be a valid uri');
  const experience = optionalText(body, 'experience');
  if (experience !== undefined && !EXPERIENCE.test(experience)) throw invalid('"experience" must be a valid GUID');
  const language = optionalText(body, 'language');
  return {
    ...(redirectUri !== undefined && { redirectUri }),
    ...(experience !== undefined && { experience }),
    ...(language !== undefined && { language }),
    ...(isTrue(body, 'singleUseUrl') && { singleUseUrl: 'true' }),
  };
};

const EXPERIENCE = /^(default|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** Nothing that a URL parser would have to put right first. */
const isWebAddress = (text: string): boolean => /^https?:\/\/[^\s\\]+$/i.test(text) && URL.canParse(text);
