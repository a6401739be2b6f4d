import type { ApiPromise, CallOptions } from '@auth/core';
import { type BearerOptions, type OperationTable, operations, type Vendor } from '@auth/core/kit';
import { oneCustomerId, oneInstitutionId } from './ids.ts';
import type {
  AccountFilter,
  ConnectLinkParameters,
  ConnectParameters,
  ConnectReportParameters,
  CustomerFilter,
  FixConnectParameters,
  InstitutionFilter,
  LiteConnectParameters,
  NewCustomer,
  Paging,
  PartnerCredentials,
  PartnerCredentialsWithNewSecret,
} from './parameters.ts';
import {
  type AccessToken,
  type ConnectUrl,
  type CreatedCustomer,
  type CustomerAccount,
  type Customers,
  type FinicityCustomer,
  type Institution,
  type Institutions,
  parseAccessToken,
  parseConnectUrl,
  parseCreatedCustomer,
  parseCustomer,
  parseCustomerAccounts,
  parseCustomers,
  parseEmpty,
  parseInstitution,
  parseInstitutions,
  parseNothing,
} from './schemas.ts';

/** The vendor's operations, one to one and with all parameters. They hold no state: tokens for calls come from `application`. */
export interface FinicityApi {
  /**
   * Create Access Token. Counts as an attempt at the vendor: five wrong ones lock the partner.
   *
   * @see https://developer.mastercard.com/open-finance-us/documentation/onboarding/
   */
  readonly createToken: (credentials: PartnerCredentials, options?: CallOptions) => ApiPromise<AccessToken>;
  /** Modify Partner Secret. Never repeated automatically; `secret.rotate` is the crash-safe form of it. */
  readonly modifyPartnerSecret: (credentials: PartnerCredentialsWithNewSecret, options?: CallOptions) => ApiPromise<void>;
  /** Add Testing Customer, who can connect the vendor's test banks only. Never repeated automatically. */
  readonly addTestingCustomer: (customer: NewCustomer, options: BearerOptions) => ApiPromise<CreatedCustomer>;
  /** Add Customer: an active one, who is billed. Never repeated automatically. The Test Drive plan refuses it with `forbidden`. */
  readonly addCustomer: (customer: NewCustomer, options: BearerOptions) => ApiPromise<CreatedCustomer>;
  /** Get Customers. `start` counts customers, not pages. */
  readonly getCustomers: (parameters: CustomerFilter & Paging, options: BearerOptions) => ApiPromise<Customers>;
  /** Get Customer by ID. */
  readonly getCustomer: (customerId: string, options: BearerOptions) => ApiPromise<FinicityCustomer>;
  /** Delete Access to Customer by ID, with all accounts. */
  readonly deleteCustomer: (customerId: string, options: BearerOptions) => ApiPromise<void>;
  /** Get Customer Accounts: all that were connected. */
  readonly getCustomerAccounts: (
    customerId: string,
    options: BearerOptions & AccountFilter,
  ) => ApiPromise<{ readonly accounts: readonly CustomerAccount[] }>;
  /** Get Institutions. `start` counts pages. */
  readonly getInstitutions: (parameters: InstitutionFilter & Paging, options: BearerOptions) => ApiPromise<Institutions>;
  /** Get Institution by ID. */
  readonly getInstitution: (institutionId: string, options: BearerOptions) => ApiPromise<{ readonly institution: Institution }>;
  /**
   * Generate Data Connect URL. The link is valid for two hours. It is signed, so never log it.
   *
   * @see https://developer.mastercard.com/open-finance-us/documentation/connect/generate-2-connect-url-apis/
   */
  readonly generateConnectUrl: (parameters: ConnectParameters, options: BearerOptions) => ApiPromise<ConnectUrl>;
  /** Generate Lite Data Connect URL: for one bank. */
  readonly generateLiteConnectUrl: (parameters: LiteConnectParameters, options: BearerOptions) => ApiPromise<ConnectUrl>;
  /** Generate Fix Data Connect URL: for a login that no longer works. */
  readonly generateFixConnectUrl: (parameters: FixConnectParameters, options: BearerOptions) => ApiPromise<ConnectUrl>;
}

const AUTHENTICATION = 'aggregation/v2/partners/authentication';
const CUSTOMERS = 'aggregation/v1/customers';
const INSTITUTIONS = 'institution/v2/institutions';
const CONNECT = 'connect/v2/generate';

const NEW_CUSTOMER = ['username', 'firstName', 'lastName', 'phone', 'email', 'applicationId'] as const;
const LINK = [
  ...(['partnerId', 'customerId', 'redirectUri', 'experience', 'language', 'singleUseUrl'] as const),
  ...(['webhook', 'webhookContentType', 'webhookData', 'webhookHeaders', 'isHostedInMobileApp', 'isWebView'] as const),
] as const;

/** The request of each operation. */
export const TABLE: OperationTable<FinicityApi> = {
  createToken: { method: 'POST', path: AUTHENTICATION, token: 'none', json: ['partnerId', 'partnerSecret'], answer: parseAccessToken },
  modifyPartnerSecret: {
    method: 'PUT',
    path: AUTHENTICATION,
    token: 'none',
    json: ['partnerId', 'partnerSecret', 'newPartnerSecret', 'immediate'],
    answer: parseEmpty,
    idempotent: false,
  },
  addTestingCustomer: {
    method: 'POST',
    path: 'aggregation/v2/customers/testing',
    json: NEW_CUSTOMER,
    answer: parseCreatedCustomer,
    idempotent: false,
  },
  addCustomer: {
    method: 'POST',
    path: 'aggregation/v2/customers/active',
    json: NEW_CUSTOMER,
    answer: parseCreatedCustomer,
    idempotent: false,
  },
  getCustomers: { method: 'GET', path: CUSTOMERS, query: ['username', 'search', 'type', 'start', 'limit'], answer: parseCustomers },
  getCustomer: { method: 'GET', path: `${CUSTOMERS}/{customerId}`, answer: parseCustomer },
  deleteCustomer: { method: 'DELETE', path: `${CUSTOMERS}/{customerId}`, answer: parseNothing },
  getCustomerAccounts: {
    method: 'GET',
    path: `${CUSTOMERS}/{customerId}/accounts`,
    query: ['status', ['account_type', 'accountType']],
    answer: parseCustomerAccounts,
  },
  getInstitutions: {
    method: 'GET',
    path: INSTITUTIONS,
    query: ['search', 'start', 'limit', 'type', 'supportedCountries'],
    answer: parseInstitutions,
  },
  getInstitution: { method: 'GET', path: `${INSTITUTIONS}/{institutionId}`, answer: parseInstitution },
  generateConnectUrl: {
    method: 'POST',
    path: CONNECT,
    json: (parameters) => ({ ...linkBody(parameters), ...reportBody(parameters) }),
    answer: parseConnectUrl,
  },
  generateLiteConnectUrl: { method: 'POST', path: `${CONNECT}/lite`, json: [...LINK, 'institutionId'], answer: parseConnectUrl },
  generateFixConnectUrl: { method: 'POST', path: `${CONNECT}/fix`, json: [...LINK, 'institutionLoginId'], answer: parseConnectUrl },
};

/** The vendor's operations, for one partner. */
export const createApi = (vendor: Vendor, partnerId: string): FinicityApi =>
  operations<FinicityApi>(vendor, TABLE, {
    ids: { customerId: oneCustomerId, institutionId: oneInstitutionId },
    known: { partnerId },
  });

/** Member by member, so that other members of the application's object are not sent. */
const linkBody = (parameters: ConnectLinkParameters): Readonly<Record<string, unknown>> =>
  Object.fromEntries(LINK.map((name) => [name, parameters[name]]));

const reportBody = (parameters: ConnectReportParameters): Readonly<Record<string, unknown>> => {
  const { consumerId, fromDate, reportCustomFields, optionalConsumerInfo: consumer, institutionSettings } = parameters;
  return {
    consumerId,
    fromDate: secondsOf(fromDate),
    reportCustomFields,
    optionalConsumerInfo: consumer && { ssn: consumer.ssn, dob: secondsOf(consumer.dob) },
    institutionSettings,
  };
};

const secondsOf = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined ? undefined : Math.floor(milliseconds / 1000);
