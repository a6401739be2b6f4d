import type { Settings } from './settings.ts';

/** Milliseconds that one run may take before it is ended. */
export const DEADLINE = 120_000;

/** One column that a runtime has a cell in. */
export type Step = 'token' | 'call' | 'renewal' | 'redirect' | 'redaction' | 'guard' | 'requests' | 'failures';

/** What every runtime does. */
export const STEPS: readonly Step[] = ['token', 'call', 'renewal', 'redirect', 'redaction'];

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

/** Something that runs the program. */
export interface Runtime {
  /** Names it where it is left out. */
  readonly name: string;
  readonly steps: readonly Step[];
  /** Why it cannot run here, in half a sentence. */
  readonly missing?: string | undefined;
  /** Runs it in a project that has the tarballs, and the program in the directory `program`. */
  readonly run: (project: string, settings: Settings) => Promise<Report>;
}

/** Waits until the deadline, and no longer. The caller has to end what goes on. */
export const withinDeadline = async <T>(work: Promise<T>): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`It was not done within ${DEADLINE / 1_000} s.`)), DEADLINE);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
};
