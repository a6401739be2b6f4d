// When this line fails, the installed `@auth/core` is not the one that this package is made for but Auth.js, which has the same name on the
// public npm registry. Say in `.npmrc` where the scope comes from, and install again: see «Install» in README.md.
import '@auth/core/not-Auth.js';

export type { Check } from './check.ts';
export { ContractViolation } from './check.ts';
export { providerContract } from './provider/contract.ts';
export type {
  CheckedRuntime,
  ExpectedError,
  FacetFixtures,
  Fake,
  OperationOf,
  ProviderFixture,
  SentRequest,
  TokenFixture,
} from './provider/fixture.ts';
export { storeContract } from './store/contract.ts';
export type { StoreFixture } from './store/fixture.ts';
