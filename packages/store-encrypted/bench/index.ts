// What encryption adds to a read and to a write, and to the size of an entry, over a store that costs nothing.
import { memoryStore, type Store } from '@auth/core';
import { encryptedStore } from '../src/index.ts';

const USERS = 50_000;
const CALLS = 500;
const ROUNDS = 40;

const inner = memoryStore();
const sizes: number[] = [];
const seen: Store = {
  read: inner.read,
  write: (name, text, options) => {
    sizes.push(name.length + (text?.length ?? 0));
    return inner.write(name, text, options);
  },
};
const store = encryptedStore(seen, { keys: [{ id: '2026-01', key: crypto.getRandomValues(new Uint8Array(32)) }] });

/** As the engine writes a token of 500 characters. */
const keyOf = (user: number): string => `aggregator-auth:1:${String(user).padStart(43, 'k')}`;
const value = JSON.stringify([1, ['t'.repeat(500), 1_767_225_600_000, 1_767_232_800_000], null]);

/** The best round in microseconds a call: the others had to share the machine. */
const best = async (run: (call: number) => Promise<unknown>): Promise<number> => {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = performance.now();
    for (let call = 0; call < CALLS; call += 1) await run(round * CALLS + call);
    least = Math.min(least, ((performance.now() - before) * 1_000) / CALLS);
  }
  return least;
};

for (let user = 0; user < USERS; user += 1) {
  await store.write(keyOf(user), value);
  await inner.write(keyOf(user), value);
}
const show = (name: string, figure: string): void => console.log(`${figure.padStart(10)}  ${name}`);

const plain = await best((call) => inner.read(keyOf(call)));
const again = (await best((call) => store.read(keyOf(call % 10)))) - plain;
const first = (await best((call) => store.read(keyOf(call)))) - plain;
const write = (await best((call) => store.write(keyOf(call), value))) - (await best((call) => inner.write(keyOf(call), value)));
show('added to a read of a key that was used before (at most 60 µs)', `${again.toFixed(1)} µs`);
show('added to a read of any other key', `${first.toFixed(1)} µs`);
show('added to a write', `${write.toFixed(1)} µs`);
show('characters of an entry, name and text', `${sizes[0]}`);
show('of these without encryption', `${keyOf(0).length + value.length}`);
if (again > 60) process.exitCode = 1;
