// When this line fails, what is installed as `@auth/core` is a package of another project that has the same name. Say in `.npmrc` where the
// scope comes from, and install again: see «Install» in README.md.
import '@auth/core/not-Auth.js';

export type { BudgeaErrorCodes, BudgeaErrorName, BudgeaProfile } from './budgea/errors.ts';
export type { BudgeaLogin } from './budgea/pfm-login.ts';
export type { BudgeaRateLimit } from './budgea/rate-limit.ts';
export type { BudgeaServerTokens } from './budgea/request.ts';
export type { BudgeaCredentials, BudgeaSandbox, BudgeaSandboxOptions } from './budgea/sandbox.ts';
export { budgeaSandbox } from './budgea/sandbox.ts';
export type { Call } from './calls.ts';
export type { Fault, FaultReply } from './fault.ts';
export type { Faults } from './faults.ts';
export type { FinicityCredentials } from './finicity/credentials.ts';
export type { FinicityErrorName, FinicitySandbox, FinicitySandboxOptions } from './finicity/sandbox.ts';
export { finicitySandbox } from './finicity/sandbox.ts';
export type { Random } from './random.ts';
export type { Listening, ListenOptions, Sandbox, SandboxOptions } from './sandbox.ts';
