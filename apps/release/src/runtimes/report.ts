/** How one step ended, at one vendor. */
export interface Result {
  readonly step: string;
  readonly ok: boolean;
  /** What is the matter, without a secret. */
  readonly detail?: string | undefined;
}

/** What a run of the program tells. */
export interface Report {
  /** The runtime with its version, as it says itself. */
  readonly title: string;
  readonly results: readonly Result[];
}
