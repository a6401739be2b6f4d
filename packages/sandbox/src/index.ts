export type { BudgeaErrorCodes, BudgeaProfile } from './budgea/errors.ts';
export type { BudgeaCredentials, BudgeaSandbox, BudgeaSandboxOptions } from './budgea/sandbox.ts';
export { budgeaSandbox } from './budgea/sandbox.ts';
export type { Fault, FaultReply, Faults } from './faults.ts';
export type { FinicityCredentials, FinicitySandbox, FinicitySandboxOptions } from './finicity/sandbox.ts';
export { finicitySandbox } from './finicity/sandbox.ts';
export type { Random } from './random.ts';
export type { Call, Listening, Sandbox } from './sandbox.ts';
