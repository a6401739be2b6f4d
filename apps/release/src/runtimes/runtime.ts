import type { Project } from './project.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

/** Milliseconds that one run may take before it is ended. */
export const DEADLINE = 120_000;

/** One column that a runtime has a cell in. */
export type Step = 'token' | 'call' | 'renewal' | 'redirect' | 'redaction' | 'guard';

/** Something that runs the program. */
export interface Runtime {
  /** Names it where it is left out. */
  readonly name: string;
  readonly steps: readonly Step[];
  /** Why it cannot run here, in half a sentence. */
  readonly missing?: string | undefined;
  readonly run: (project: Project, settings: Settings) => Promise<Report>;
}

/** What every runtime does. */
export const STEPS: readonly Step[] = ['token', 'call', 'renewal', 'redirect', 'redaction'];
