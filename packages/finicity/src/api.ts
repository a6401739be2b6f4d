import type { ApiPromise, Authority, CallOptions, Token } from '@auth/core';
import type { Http, HttpRequest } from '@auth/core/kit';
import { idRefusal } from './customer-id.ts';
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

const AUTHENTICATION = 'aggregation/v2/partners/authentication';
const CUSTOMERS = 'aggregation/v1/customers';
const INSTITUTIONS = 'institution/v2/institutions';
const CONNECT = 'connect/v2/generate';

/** On whose behalf: an authority renews a refused token once, a token is sent as it is. */
export interface BearerOptions extends CallOptions {
  readonly as: Authority | Token;
}

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

/** The operations over one HTTP interface. */
export const createApi = (http: Http): FinicityApi => ({
  ...credentialOperations(http),
  ...customerOperations(http),
  ...institutionOperations(http),
  ...connectOperations(http),
});

const credentialOperations = (http: Http): Pick<FinicityApi, 'createToken' | 'modifyPartnerSecret'> => ({
  createToken: ({ partnerId, partnerSecret }, { signal } = {}) =>
    http.request({
      operation: 'api.createToken',
      method: 'POST',
      path: AUTHENTICATION,
      json: () => ({ partnerId, partnerSecret }),
      parse: parseAccessToken,
      signal,
    }),
  modifyPartnerSecret: ({ partnerId, partnerSecret, newPartnerSecret, immediate }, { signal } = {}) =>
    http.request({
      operation: 'api.modifyPartnerSecret',
      method: 'PUT',
      path: AUTHENTICATION,
      json: () => ({ partnerId, partnerSecret, newPartnerSecret, immediate }),
      parse: parseEmpty,
      idempotent: false,
      signal,
    }),
});

type CustomerOperation = 'addTestingCustomer' | 'addCustomer' | 'getCustomers' | 'getCustomer' | 'deleteCustomer' | 'getCustomerAccounts';

const customerOperations = (http: Http): Pick<FinicityApi, CustomerOperation> => {
  const add =
    (operation: string, path: string): FinicityApi['addCustomer'] =>
    ({ username, firstName, lastName, phone, email, applicationId }, { as, signal }) =>
      http.request({
        operation,
        method: 'POST',
        path,
        json: () => ({ username, firstName, lastName, phone, email, applicationId }),
        as,
        parse: parseCreatedCustomer,
        idempotent: false,
        signal,
      });
  return {
    addTestingCustomer: add('api.addTestingCustomer', 'aggregation/v2/customers/testing'),
    addCustomer: add('api.addCustomer', 'aggregation/v2/customers/active'),
    getCustomers: ({ username, search, type, start, limit }, { as, signal }) =>
      http.request({
        operation: 'api.getCustomers',
        method: 'GET',
        path: CUSTOMERS,
        query: { username, search, type, start, limit },
        as,
        parse: parseCustomers,
        signal,
      }),
    getCustomer: (customerId, { as, signal }) =>
      http.request({ ...oneCustomer(customerId, 'api.getCustomer'), method: 'GET', as, parse: parseCustomer, signal }),
    deleteCustomer: (customerId, { as, signal }) =>
      http.request({ ...oneCustomer(customerId, 'api.deleteCustomer'), method: 'DELETE', as, parse: parseNothing, signal }),
    getCustomerAccounts: (customerId, { as, status, accountType, signal }) =>
      http.request({
        ...oneCustomer(customerId, 'api.getCustomerAccounts', '/accounts'),
        method: 'GET',
        query: { status, account_type: accountType },
        as,
        parse: parseCustomerAccounts,
        signal,
      }),
  };
};

const institutionOperations = (http: Http): Pick<FinicityApi, 'getInstitutions' | 'getInstitution'> => ({
  getInstitutions: ({ search, start, limit, type, supportedCountries }, { as, signal }) =>
    http.request({
      operation: 'api.getInstitutions',
      method: 'GET',
      path: INSTITUTIONS,
      query: { search, start, limit, type, supportedCountries },
      as,
      parse: parseInstitutions,
      signal,
    }),
  getInstitution: (institutionId, { as, signal }) =>
    http.request({
      ...named(institutionId, 'An institution id must consist of digits.', 'api.getInstitution', `${INSTITUTIONS}/${institutionId}`),
      method: 'GET',
      as,
      parse: parseInstitution,
      signal,
    }),
});

type ConnectOperation = 'generateConnectUrl' | 'generateLiteConnectUrl' | 'generateFixConnectUrl';

const connectOperations = (http: Http): Pick<FinicityApi, ConnectOperation> => {
  const generate = (
    operation: string,
    path: string,
    json: () => Readonly<Record<string, unknown>>,
    { as, signal }: BearerOptions,
  ): ApiPromise<ConnectUrl> => http.request({ operation, method: 'POST', path, json, as, parse: parseConnectUrl, signal });
  return {
    generateConnectUrl: (parameters, options) =>
      generate('api.generateConnectUrl', CONNECT, () => ({ ...linkBody(parameters), ...reportBody(parameters) }), options),
    generateLiteConnectUrl: (parameters, options) =>
      generate(
        'api.generateLiteConnectUrl',
        `${CONNECT}/lite`,
        () => ({ ...linkBody(parameters), institutionId: parameters.institutionId }),
        options,
      ),
    generateFixConnectUrl: (parameters, options) =>
      generate(
        'api.generateFixConnectUrl',
        `${CONNECT}/fix`,
        () => ({ ...linkBody(parameters), institutionLoginId: parameters.institutionLoginId }),
        options,
      ),
  };
};

/** Member by member, so that other members of the application's object are not sent. */
const linkBody = (parameters: ConnectLinkParameters): Readonly<Record<string, unknown>> => ({
  partnerId: parameters.partnerId,
  customerId: parameters.customerId,
  redirectUri: parameters.redirectUri,
  experience: parameters.experience,
  language: parameters.language,
  singleUseUrl: parameters.singleUseUrl,
  webhook: parameters.webhook,
  webhookContentType: parameters.webhookContentType,
  webhookData: parameters.webhookData,
  webhookHeaders: parameters.webhookHeaders,
  isHostedInMobileApp: parameters.isHostedInMobileApp,
  isWebView: parameters.isWebView,
});

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

const oneCustomer = (customerId: string, operation: string, below = ''): Pick<HttpRequest<unknown>, 'operation' | 'path' | 'json'> =>
  named(customerId, 'A customer id must be the digits that users.create returned.', operation, `${CUSTOMERS}/${customerId}${below}`);

/** A request about one thing, without a body. An invalid id is refused where bodies are made, before anything is sent. */
const named = (id: string, message: string, operation: string, path: string): Pick<HttpRequest<unknown>, 'operation' | 'path' | 'json'> => {
  const refusal = idRefusal(id, message, operation);
  const refuse = (): never => {
    throw refusal;
  };
  return { operation, path, ...(refusal && { json: refuse }) };
};
