/** In every secret, token and refresh token, so that a leak is seen. */
export const MARKER = 'do-not-print';
export const RIGHT_SECRET: string = `${MARKER}-right`;

/** Milliseconds until the product's HTTP client gives up on the vendor. Longer than a lease lives without a heartbeat. */
export const CLIENT_TIMEOUT = 5_000;

const many = (kind: string, count: number): readonly string[] => Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`);

/** Whose tokens these are: some live for a few seconds, some are renewed with a single-use refresh token, some never end. */
export const SUBJECTS: readonly string[] = [...many('short', 12), ...many('rotating', 8), ...many('permanent', 4)];

/** The vendor's client that a subject belongs to. Each is an account with a secret of its own. */
export const clientOf = (subject: string): 'plain' | 'rotating' => (subject.startsWith('rotating') ? 'rotating' : 'plain');

/** Where the shared store is. */
export type Place = { readonly kind: 'sqlite'; readonly path: string } | { readonly kind: 'redis'; readonly url: string };

/** What a process is started with. */
export interface Start {
  readonly index: number;
  readonly place: Place;
  readonly vendor: string;
  readonly secret: string;
}

/** What a process is told later: a secret of its clients, or a user who has connected again. */
export type Command = { readonly secret: string } | { readonly adopt: string; readonly token: Issued };

/** A process asks for a token. */
export interface Asked {
  readonly pid: number;
  readonly subject: string;
  readonly secret: string;
  readonly refreshToken: string | null;
}

/** What the vendor answers. */
export interface Issued {
  readonly value: string;
  /** Milliseconds. */
  readonly lifetime: number | null;
  readonly refreshToken: string | null;
}

/** What a process tells. Times are epoch milliseconds. */
export type Fact =
  /** A call that has ended, well or with an error's code. */
  | {
      readonly call: string;
      readonly from: number;
      readonly to: number;
      /** Milliseconds, without those in which the process stood still. */
      readonly waited: number;
      readonly code: string | null;
      /** By how many milliseconds the token had ended when it was served. */
      readonly late: number;
      /** Whether this process had reported the token as refused before it made the call. */
      readonly isReported: boolean;
    }
  /** The vendor has taken the token of a call that began then. */
  | { readonly accepted: string; readonly from: number }
  /** The engine says that it goes on without the store. */
  | { readonly alone: number }
  | { readonly stalled: number; readonly to: number };
