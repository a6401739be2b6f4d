import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { type Command, type Fact, MARKER, RIGHT_SECRET, type Start } from './protocol.ts';
import type { RunRecord } from './record.ts';

/** The processes of the product. All functions take the index of one. */
export interface Fleet {
  readonly pids: () => readonly number[];
  readonly send: (index: number, command: Command) => void;
  /** Kills a process, and starts another one in its place after some milliseconds. */
  readonly kill: (index: number, milliseconds: number) => Promise<void>;
  readonly stop: (index: number, milliseconds: number) => Promise<void>;
  /** Gives a process a secret that is wrong, and after some milliseconds the right one again. */
  readonly mistake: (index: number, secret: string, milliseconds: number) => Promise<void>;
  readonly close: () => void;
}

/** Starts them. `heard` is told what they tell. */
export const openFleet = (
  size: number,
  start: Pick<Start, 'place' | 'vendor'>,
  { note, violated, begin }: RunRecord,
  heard: (pid: number, fact: Fact) => void,
): Fleet => {
  const secrets = Array.from({ length: size }, () => RIGHT_SECRET);
  const doomed = new WeakSet<ChildProcess>();

  const launch = (index: number): ChildProcess => {
    const child = fork(join(import.meta.dirname, 'worker.ts'), [JSON.stringify({ ...start, index, secret: secrets[index] })], {
      execArgv: ['--conditions=workspace-source', '--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const { pid = 0, stdout, stderr } = child;
    if (secrets[index] !== RIGHT_SECRET) begin('secret', pid);
    const printed = (line: string): void => {
      note(`${pid} ${line}`);
      if (line.includes(MARKER)) violated(`${pid} printed a secret: ${line}`);
    };
    if (stdout) createInterface(stdout).on('line', printed);
    if (stderr) createInterface(stderr).on('line', printed);
    child.on('message', (fact: Fact) => heard(pid, fact));
    child.on('exit', (code, signal) => {
      if (doomed.has(child)) return;
      violated(`${pid} ended by itself, with ${signal ?? code}`);
      children[index] = launch(index);
    });
    return child;
  };
  const children = secrets.map((_, index) => launch(index));
  const childOf = (index: number): ChildProcess => children[index] ?? launch(index);
  const end = (child: ChildProcess): void => {
    doomed.add(child);
    child.kill('SIGKILL');
  };
  const close = (): void => children.forEach(end);
  process.once('exit', close);
  const send = (index: number, command: Command): void => void childOf(index).send(command, () => {});

  return {
    pids: () => children.map(({ pid = 0 }) => pid),
    send,
    kill: async (index, milliseconds) => {
      const child = childOf(index);
      if (doomed.has(child)) return;
      const over = begin('process', child.pid);
      const gone = once(child, 'exit');
      end(child);
      await gone;
      over();
      await setTimeout(milliseconds);
      children[index] = launch(index);
    },
    stop: async (index, milliseconds) => {
      const child = childOf(index);
      const over = begin('process', child.pid);
      child.kill('SIGSTOP');
      await setTimeout(milliseconds);
      child.kill('SIGCONT');
      over();
    },
    mistake: async (index, secret, milliseconds) => {
      if (secrets[index] !== RIGHT_SECRET) return;
      const tell = (now: string): void => {
        secrets[index] = now;
        send(index, { secret: now });
      };
      const over = begin('secret', childOf(index).pid);
      tell(secret);
      await setTimeout(milliseconds);
      tell(RIGHT_SECRET);
      over();
    },
    close,
  };
};
