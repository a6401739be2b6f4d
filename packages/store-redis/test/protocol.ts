import type { AuthEvent } from '@auth/core';
import type { Address, ClientName } from './clients.ts';

/** Where the processes' common store is. */
export type Place = { readonly kind: ClientName; readonly address: Address } | { readonly kind: 'sqlite'; readonly path: string };

/** What a process's engine is made of. */
export interface EngineOptions {
  readonly place: Place;
  readonly key: string;
  /** The vendor. */
  readonly url: string;
  readonly secret: string;
}

/** What a process can be told. */
export type Command =
  /** Replaces the engine that it has, as a restart would. */
  | { readonly do: 'open'; readonly options: EngineOptions }
  /** So many callers at once. */
  | { readonly do: 'token'; readonly callers: number }
  /** One caller after the other, so many in all and each second. */
  | { readonly do: 'traffic'; readonly calls: number; readonly perSecond: number }
  | { readonly do: 'invalidate'; readonly value: string };

/** What came of it. */
export interface Result {
  /** How many callers got which token, or which error code. */
  readonly tally: Readonly<Record<string, number>>;
  /** How long each of them waited, in milliseconds. */
  readonly waits: readonly number[];
}

/** What a process is sent, and what it sends. */
export interface Request {
  readonly number: number;
  readonly command: Command;
}
export type Message =
  | { readonly event: AuthEvent }
  | { readonly number: number; readonly result: Result }
  | { readonly number: number; readonly failure: string };

/** What the vendor is asked, and answers; milliseconds. */
export interface Asked {
  readonly pid: number;
  readonly secret: string;
}
export type Answer = { readonly value: string; readonly lifetime: number } | { readonly status: number };
