// Loaded along with the fake clock, so that fake time never waits for what is loaded on demand.
import '../engine/credential-guard.ts';
import '../engine/refused-tokens.ts';
import '../engine/shared/coordination.ts';
import '../engine/status.ts';
import 'ky';

export type { FakeClock } from './fake-clock.ts';
export { fakeClock } from './fake-clock.ts';
export type { ScriptedResult, ScriptedSource } from './scripted-source.ts';
export { scriptedSource } from './scripted-source.ts';
