/** What a worker's provider is made of. */
export interface ProviderOptions {
  readonly url: string;
  readonly partnerId: string;
  readonly appKey: string;
  readonly vaultPath: string;
  readonly storePath?: string;
  /** How far the clock of the store is ahead, in milliseconds: as if the process came later, when leases of others have ended. */
  readonly ahead?: number;
}

/** The moments of a rotation and of its recovery, in order. */
export const STEPS = [
  'before the pending write',
  'after the pending write',
  'after the request was sent',
  'after the answer',
  'before the promotion',
  'after the promotion',
] as const;
export type Step = (typeof STEPS)[number];

/** What a worker can be told. */
export type Command =
  /** Replaces the worker's provider, as a restart would. */
  | { readonly do: 'open'; readonly options: ProviderOptions }
  | { readonly do: 'token' }
  /** `stopAt` is where the process hangs for ever. */
  | { readonly do: 'rotate'; readonly keepOldFor30Days: boolean; readonly stopAt?: Step }
  | { readonly do: 'recover'; readonly stopAt?: Step };

/** What a worker sends: a step that it has reached, or the result of its command, which may be the code of an error. */
export type Report = { readonly step: Step } | { readonly result: unknown };
