import type { AuthEvent, AuthorityStatus } from '../src/index.ts';

/** What a worker's engine is made of. */
export interface EngineOptions {
  readonly url: string;
  /** The file of the store. */
  readonly path: string;
  readonly key: string;
  readonly account?: string;
  readonly secret?: string;
  readonly isSingleUse?: boolean;
  /** An engine of many subjects. */
  readonly hasSubjects?: boolean;
  /** On its clock a standstill of the process lasts so many times as long. */
  readonly standstill?: number;
  /** The source's socket does not keep the process alive. */
  readonly isUnref?: boolean;
}

/** What a worker can be told. */
export type Command =
  /** Replaces the engine that it has, as a restart would. */
  | { readonly do: 'open'; readonly options: EngineOptions }
  | { readonly do: 'token'; readonly callers: number }
  | { readonly do: 'token'; readonly subjects: readonly string[] }
  | { readonly do: 'invalidate'; readonly value: string }
  | { readonly do: 'adopt'; readonly value: string; readonly refreshToken: string }
  | { readonly do: 'reset' | 'status' };

export interface Numbered {
  readonly number: number;
  readonly command: Command;
}

export interface Result {
  /** How many callers got which token, or which error code. */
  readonly tally?: Readonly<Record<string, number>>;
  readonly status?: AuthorityStatus;
}

/** What a worker prints. */
export type Line =
  | { readonly event: AuthEvent }
  | { readonly number: number; readonly result: Result }
  | { readonly number: number; readonly failure: string };

/** What the upstream is asked. */
export interface Asked {
  readonly pid: number;
  readonly subject: string;
  readonly secret: string;
  readonly refreshToken: string | null;
}

/** What it answers; times in milliseconds. */
export type Answer =
  | { readonly value: string; readonly lifetime: number; readonly age?: number; readonly refreshToken?: string }
  | { readonly status: number };
