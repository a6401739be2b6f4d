/** One rule of the contract, ready to run in any test runner. */
export interface Check {
  /** A sentence that says what holds: a test's name. */
  readonly name: string;
  /** Rejects with a `ContractViolation` that says what is wrong and what to mend. */
  readonly run: () => Promise<void>;
}

/** What a check found. */
export class ContractViolation extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ContractViolation';
  }
}

/** Ends the check unless the condition holds. `message` says what was seen, and what to mend. */
export const ensure: (condition: boolean, message: string) => asserts condition = (condition, message) => {
  if (!condition) throw new ContractViolation(message);
};
