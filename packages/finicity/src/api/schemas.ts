import { parser } from '@auth/core/kit';
import * as v from 'valibot';

/** The answer to `createToken`. It does not say how long the token lives; the documentation says two hours. */
export interface AccessToken {
  readonly token: string;
}

/** The body of an answer to `createToken`. The token has to fit into a header. */
export const parseAccessToken: (body: unknown) => AccessToken = parser(v.object({ token: v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/)) }));

/** For operations that answer without a body. */
export const parseNothing = (): void => {};

/** For the operation where the page of another server must not pass for success: the vendor answers without a body. */
export const parseEmpty: (body: unknown) => void = parser(
  v.pipe(
    v.null(),
    v.transform(() => {}),
  ),
);

/** Numbers on the wire in some services, texts in others. */
const id = v.pipe(v.union([v.string(), v.pipe(v.number(), v.safeInteger())]), v.transform(String), v.regex(/^\d+$/));

/** An optional member does not make an answer unreadable if it has an unexpected shape. */
const text = v.fallback(v.nullish(v.string(), null), null);
const number = v.fallback(v.nullish(v.number(), null), null);
const otherId = v.fallback(v.nullish(id, null), null);
const flag = v.fallback(v.nullish(v.boolean(), false), false);

/** Epoch seconds, as a number or a text, to epoch milliseconds. */
const moment = v.fallback(
  v.nullish(
    v.pipe(
      v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,12}$/), v.transform(Number))]),
      v.finite(),
      v.transform((seconds) => seconds * 1000),
    ),
    null,
  ),
  null,
);

/** A customer as `addCustomer` and `addTestingCustomer` return it. */
export interface CreatedCustomer {
  readonly id: string;
  readonly username: string;
  /** Epoch milliseconds, `null` if it could not be read. */
  readonly createdDate: number | null;
}

/** The body of an answer to `addCustomer` and `addTestingCustomer`. */
export const parseCreatedCustomer: (body: unknown) => CreatedCustomer = parser(v.object({ id, username: v.string(), createdDate: moment }));

/** A customer as Finicity describes it. Times are epoch milliseconds. */
export interface FinicityCustomer extends CreatedCustomer {
  /** `testing` or `active`. */
  readonly type: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  readonly applicationId: string | null;
  readonly lastModifiedDate: number | null;
}

const customer = v.object({
  id,
  username: v.string(),
  type: v.string(),
  firstName: text,
  lastName: text,
  phone: text,
  email: text,
  applicationId: text,
  createdDate: moment,
  lastModifiedDate: moment,
});

/** The body of an answer to `getCustomer`. */
export const parseCustomer: (body: unknown) => FinicityCustomer = parser(customer);

/** One page of a list. */
export interface Page {
  /** How many entries there are on all pages, `null` if the answer does not say. */
  readonly found: number | null;
  /** How many entries there are on this page. */
  readonly displaying: number | null;
  readonly moreAvailable: boolean;
}

const page = { found: number, displaying: number, moreAvailable: v.boolean() };

/** A page of customers. */
export interface Customers extends Page {
  readonly customers: readonly FinicityCustomer[];
}

/** The body of an answer to `getCustomers`. */
export const parseCustomers: (body: unknown) => Customers = parser(v.object({ ...page, customers: v.array(customer) }));

/** What identifies an account. For details, holdings and transactions use an authorised `fetch`. Times are epoch milliseconds. */
export interface CustomerAccount {
  readonly id: string;
  readonly customerId: string;
  readonly institutionId: string;
  /** The login that the account belongs to: the `connectionId` of `connect.start`. */
  readonly institutionLoginId: string | null;
  readonly name: string | null;
  readonly accountNickname: string | null;
  /** As the bank gives it, sometimes masked. */
  readonly number: string | null;
  readonly accountNumberDisplay: string | null;
  readonly realAccountNumberLast4: string | null;
  /** `checking`, `savings`, `creditCard` … */
  readonly type: string | null;
  /** `pending` until the account is activated, then `active`. */
  readonly status: string | null;
  readonly marketSegment: string | null;
  readonly currency: string | null;
  readonly balance: number | null;
  readonly balanceDate: number | null;
  /** 0 after a successful aggregation, `null` before the first. */
  readonly aggregationStatusCode: number | null;
  readonly aggregationAttemptDate: number | null;
  readonly aggregationSuccessDate: number | null;
  readonly createdDate: number | null;
  readonly lastUpdatedDate: number | null;
  readonly linkedAccountDate: number | null;
  readonly displayPosition: number | null;
  readonly parentAccount: string | null;
}

const account = v.object({
  id,
  customerId: id,
  institutionId: id,
  institutionLoginId: otherId,
  name: text,
  accountNickname: text,
  number: text,
  accountNumberDisplay: text,
  realAccountNumberLast4: text,
  type: text,
  status: text,
  marketSegment: text,
  currency: text,
  balance: number,
  balanceDate: moment,
  aggregationStatusCode: number,
  aggregationAttemptDate: moment,
  aggregationSuccessDate: moment,
  createdDate: moment,
  lastUpdatedDate: moment,
  linkedAccountDate: moment,
  displayPosition: number,
  parentAccount: otherId,
});

/** The body of an answer to `getCustomerAccounts`. */
export const parseCustomerAccounts: (body: unknown) => { readonly accounts: readonly CustomerAccount[] } = parser(
  v.object({ accounts: v.array(account) }),
);

/** A bank. Each product is `true` where the bank is certified for it. */
export interface Institution {
  readonly id: string;
  readonly name: string | null;
  readonly displayName: string | null;
  /** `online`, `offline`, `maintenance`, `testing`, `beta`, `validated` or `migrating`. */
  readonly status: string | null;
  readonly currency: string | null;
  readonly oauthEnabled: boolean;
  readonly transAgg: boolean;
  readonly ach: boolean;
  readonly stateAgg: boolean;
  readonly voi: boolean;
  readonly voa: boolean;
  readonly aha: boolean;
  readonly availBalance: boolean;
  readonly accountOwner: boolean;
  readonly accountTypeDescription: string | null;
  readonly class: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  readonly urlHomeApp: string | null;
  readonly urlLogonApp: string | null;
  readonly specialText: string | null;
  readonly timeZone: string | null;
  /** The id that this bank has moved to, if it has moved. */
  readonly newInstitutionId: string | null;
  /** The id of the same bank over OAuth, if it has one. */
  readonly oauthInstitutionId: string | null;
  /** URLs of images, and a colour. */
  readonly branding: Branding | null;
}

/** How a bank looks. */
export interface Branding {
  readonly logo: string | null;
  readonly alternateLogo: string | null;
  readonly icon: string | null;
  readonly primaryColor: string | null;
  readonly tile: string | null;
}

const institution = v.object({
  id,
  name: text,
  displayName: text,
  status: text,
  currency: text,
  oauthEnabled: flag,
  transAgg: flag,
  ach: flag,
  stateAgg: flag,
  voi: flag,
  voa: flag,
  aha: flag,
  availBalance: flag,
  accountOwner: flag,
  accountTypeDescription: text,
  class: text,
  phone: text,
  email: text,
  urlHomeApp: text,
  urlLogonApp: text,
  specialText: text,
  timeZone: text,
  newInstitutionId: otherId,
  oauthInstitutionId: otherId,
  branding: v.fallback(v.nullish(v.object({ logo: text, alternateLogo: text, icon: text, primaryColor: text, tile: text }), null), null),
});

/** A page of banks. */
export interface Institutions extends Page {
  /** When the answer was made, in epoch milliseconds. */
  readonly createdDate: number | null;
  readonly institutions: readonly Institution[];
}

/** The body of an answer to `getInstitutions`. */
export const parseInstitutions: (body: unknown) => Institutions = parser(
  v.object({ ...page, createdDate: moment, institutions: v.array(institution) }),
);

/** The body of an answer to `getInstitution`. */
export const parseInstitution: (body: unknown) => { readonly institution: Institution } = parser(v.object({ institution }));

/** A link to Connect. It is signed: anyone who has it can open the page as this customer. */
export interface ConnectUrl {
  readonly link: string;
}

/** The body of an answer to `generateConnectUrl` and its two variants. */
export const parseConnectUrl: (body: unknown) => ConnectUrl = parser(
  v.object({ link: v.pipe(v.string(), v.url(), v.regex(/^https?:\/\//i)) }),
);
