import type { Environment } from '@auth/core';
import type { Provider } from '../providers.ts';

/** What a process of the product is started with. */
export interface Deployment {
  readonly vendor: Provider['id'];
  readonly environment: Environment;
  /** Of the sandbox. */
  readonly baseUrl: string;
  readonly userId: string;
  /** A directory that the processes of one side have in common. */
  readonly directory: string;
}

/** What a product makes of a deployment: something that calls the vendor. */
export interface Client {
  /** One call for bank data. Resolves to whether the product got it. */
  readonly call: () => Promise<boolean>;
  readonly close: () => Promise<void>;
}
