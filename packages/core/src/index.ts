/**
 * The contract between products and providers, and the engine that keeps tokens alive. This entry has no npm dependencies.
 * @module
 * @mergeModuleWith <project>
 */

export type {
  Authority,
  AuthorityStatus,
  Authorization,
  CallOptions,
  Fetch,
  Outgoing,
  RetryReason,
  Token,
  TokenAuthority,
} from './authority.ts';
export type { AuthorizedFetchOptions } from './authorized-fetch.ts';
export { authorizedFetch } from './authorized-fetch.ts';
export type {
  Capabilities,
  Capability,
  Code,
  Codes,
  Connect,
  Connected,
  ConnectRequest,
  ConnectSession,
  NewUser,
  Revocation,
  Secret,
  SecretVault,
  User,
  Users,
  UserTokens,
} from './capabilities.ts';
export type { Clock } from './clock.ts';
export { systemClock } from './clock.ts';
export type { TokenState, WindowOverrides, Windows } from './engine/token-state.ts';
export { tokenState } from './engine/token-state.ts';
export type { AuthErrorCode, AuthErrorFacts, AuthErrorJson } from './errors.ts';
export { AuthError } from './errors.ts';
export type { AuthEvent } from './events.ts';
export { isAuthCore } from './is-auth-core.ts';
export { managed } from './managed.ts';
export type { MemoryStoreOptions } from './memory-store.ts';
export { memoryStore } from './memory-store.ts';
export type { Field, OptionsSchema } from './option-fields.ts';
export type { ApiPromise, ApiResponse, AuthProvider } from './provider.ts';
export { supports } from './provider.ts';
export type { ProviderRuntime } from './provider-runtime.ts';
export type { Environment, ProviderConfig, ProviderPlugin, Registry } from './registry.ts';
export { createRegistry } from './registry.ts';
export type { Store, StoreEntry, WriteOptions } from './store.ts';
export type { Managed, ManagedOptions, TokenContext, TokenSource } from './token-source.ts';
export type { DeadlineOptions, WaitOptions } from './wait.ts';
export { deadline, sleep } from './wait.ts';
