/** A process of a product, told what to do by lines on stdin; prints a line for every result. Ends with the process that started it. */
import { createInterface } from 'node:readline';
import type { SqliteStore } from '../src/index.ts';
import { sqliteStore } from '../src/index.ts';

/** What a worker can be told. */
export type Command =
  /** Opens the file, adds so often to its counter, and closes it. */
  | { readonly do: 'count'; readonly path: string; readonly times: number }
  /** Writes one new entry after the other, and prints the number of each that was written. */
  | { readonly do: 'write'; readonly path: string; readonly name: string }
  | { readonly do: 'read'; readonly path: string };

/** What a worker prints. */
export type Line = { readonly ready: true } | { readonly done: string } | { readonly written: number } | { readonly failed: string };

const print = (line: Line): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

const count = async (store: SqliteStore, times: number): Promise<void> => {
  for (let left = times; left > 0; ) {
    const entry = await store.read('counter');
    const next = String(Number(entry?.value ?? '0') + 1);
    if ((await store.write('counter', next, { ifVersion: entry?.version ?? null })) !== undefined) left -= 1;
  }
};

const execute = async (command: Command): Promise<string> => {
  await using store = sqliteStore({ path: command.path });
  switch (command.do) {
    case 'count':
      await count(store, command.times);
      return 'counted';
    case 'read':
      return (await store.read('key'))?.value ?? '';
    case 'write':
      for (let number = 0; ; number += 1) {
        await store.write(`${command.name}:${number}`, `${'x'.repeat(600)}${number}`);
        print({ written: number });
        // Only then does the line leave.
        await new Promise((resolve) => setImmediate(resolve));
      }
  }
};

createInterface({ input: process.stdin })
  .on('line', (line) => {
    execute(JSON.parse(line)).then(
      (done) => print({ done }),
      (error) => print({ failed: `${error.code}: ${error.message}` }),
    );
  })
  .on('close', () => process.exit());
print({ ready: true });
