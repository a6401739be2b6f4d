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
