import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The server that `start` runs, in a process and with a data directory of its own. */
export interface App {
  readonly url: string;
  /** What it has printed. */
  readonly printed: () => string;
  /** Every secret that it has sent to a vendor or got from one. */
  readonly secrets: () => readonly string[];
  /** Ends it as Ctrl+C does. Resolves to the exit code. */
  readonly stop: () => Promise<number | null>;
}

const FOLDER = join(import.meta.dirname, '..');
const COMPILE_CACHE = join(FOLDER, 'node_modules/.cache/compile');

/** Starts it with this environment only, so that no account of yours is used. */
export const startApp = async (environment: Readonly<Record<string, string>> = {}): Promise<App> => {
  const directory = await mkdtemp(join(tmpdir(), 'example-'));
  const secretsFile = join(directory, 'secrets.txt');
  const child = spawn(process.execPath, ['--import', join(import.meta.dirname, 'note-secrets.ts'), ...startArguments()], {
    cwd: FOLDER,
    // The cache saves half of the time that a start takes.
    env: { ENV_FILE: '', DATA_DIR: join(directory, 'data'), SECRETS_FILE: secretsFile, NODE_COMPILE_CACHE: COMPILE_CACHE, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A test that failed half-way stops nothing.
  const kill = (): boolean => child.kill();
  process.once('exit', kill);
  let printed = '';
  const hear = (text: Buffer): void => {
    printed += text;
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const gone = once(child, 'exit');

  const stop = async (): Promise<number | null> => {
    child.kill('SIGINT');
    const [code] = await gone;
    process.off('exit', kill);
    await rm(directory, { recursive: true, force: true });
    return code;
  };
  return { url: await urlIn(() => printed, child.stdout, gone), printed: () => printed, secrets: () => linesOf(secretsFile), stop };
};

/** What the script says after `node`. */
const startArguments = (): readonly string[] => {
  const { scripts } = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8'));
  return scripts.start.split(' ').slice(1);
};

const urlIn = async (printed: () => string, output: NodeJS.ReadableStream, gone: Promise<unknown>): Promise<string> => {
  let isGone = false;
  const ended = gone.then(() => {
    isGone = true;
  });
  for (;;) {
    const [url] = /http:\/\/(?:127\.0\.0\.1|localhost):\d+/.exec(printed()) ?? [];
    if (url !== undefined) return url;
    if (isGone) throw new Error(`The server ended before it listened. It printed:\n${printed()}`);
    await Promise.race([once(output, 'data'), ended]);
  }
};

const linesOf = (file: string): readonly string[] => {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return [...new Set(lines)].filter((line) => line !== '');
};
