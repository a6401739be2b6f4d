// When this line fails, what is installed as `@auth/core` is a package of another project that has the same name. Say in `.npmrc` where the
// scope comes from, and install again: see «Install» in README.md.
import '@auth/core/not-Auth.js';

export type { Check } from './check.ts';
export { ContractViolation } from './check.ts';
export { providerContract } from './provider/contract.ts';
export type {
  CapabilityFixtures,
  CheckedRuntime,
  ExpectedError,
  Fake,
  OperationOf,
  ProviderFixture,
  SentRequest,
  TokenFixture,
} from './provider/fixture.ts';
export { storeContract } from './store/contract.ts';
export type { StoreFixture } from './store/fixture.ts';
