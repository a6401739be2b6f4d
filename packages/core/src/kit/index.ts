/**
 * For authors of providers: HTTP with ky, schemas with valibot, and the parts that every provider is made of. Products do not
 * need it.
 * @module
 */

export { kindOf } from '../errors.ts';
export { callbackArgument, objectArgument } from './arguments.ts';
export { asOperation } from './as-operation.ts';
export type { CallbackParameters } from './callback-query.ts';
export { readCallback } from './callback-query.ts';
export type { ConnectStates, ConnectStatesOptions } from './connect-states.ts';
export { connectStates } from './connect-states.ts';
export type { ErrorOfOptions } from './error-of.ts';
export type { MakeError, Meaning } from './errors-of.ts';
export { errorsOf } from './errors-of.ts';
export type { ErrorAnswer, Explanation, Http, HttpOptions, HttpRequest, Query } from './http.ts';
export { createHttp, readErrorAnswer, runtimeFetch } from './http.ts';
export type { AttemptOptions, ManagedMany, ManagedSubject } from './managed-many.ts';
export { managedMany } from './managed-many.ts';
export type { BearerOptions, Operation, OperationsOptions, OperationTable } from './operations.ts';
export { operations } from './operations.ts';
export { choiceOption, normalizedBaseUrl, optionsSchema, secretOption, storeOption, textOption, urlOption } from './option-schemas.ts';
export type { PageFailures } from './page-failure.ts';
export { pageFailure } from './page-failure.ts';
export { definePlugin } from './plugin.ts';
export type { RedirectUriRules } from './redirect-uri.ts';
export { checkedRedirectUri } from './redirect-uri.ts';
export { refuseBrowser } from './refuse-browser.ts';
export type { RequestAuthority, RequestAuthorityOptions } from './request-authority.ts';
export { requestAuthority } from './request-authority.ts';
export { parser } from './schema-parser.ts';
export type { SecretSource } from './secret-source.ts';
export { fingerprintOf, readSecret } from './secret-source.ts';
export type { ServerClock } from './server-clock.ts';
export { learningFetch, serverClock } from './server-clock.ts';
export type { ManagedAuthority, TokenAuthorityOptions } from './token-authority.ts';
export { tokenAuthority } from './token-authority.ts';
export type { TokensOptions, Vendor, VendorOptions } from './vendor.ts';
export { createVendor } from './vendor.ts';
