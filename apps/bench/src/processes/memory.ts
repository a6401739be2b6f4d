// Bytes of the heap for each of many subjects, after garbage collection. Arguments: who keeps them, and how many.
import { setImmediate } from 'node:timers/promises';
import { peerNamed } from '../peers/index.ts';
import { foreverOf } from '../peers/ours.ts';
import { can } from '../peers/peer.ts';
import { createVendor, requestToken, type Vendor } from '../vendor.ts';

const [, , name, count] = process.argv;

const keepOf = (vendor: Vendor): ((id: string) => Promise<unknown>) => {
  if (name === 'a map') {
    const tokens = new Map<string, string>();
    return async (id) => tokens.set(id, (await requestToken(vendor)).value);
  }
  if (name === 'for ever') return foreverOf(vendor);
  const { subjects } = peerNamed(name);
  if (!can(subjects)) throw new Error(`${name} keeps no subjects.`);
  return subjects.keep(vendor);
};

const heap = async (): Promise<number> => {
  for (let turn = 0; turn < 4; turn += 1) {
    globalThis.gc?.();
    await setImmediate();
  }
  return process.memoryUsage().heapUsed;
};

const subjects = Number(count);
const keep = keepOf(createVendor());
// What is made once, and code that is compiled, is not a subject's.
for (let id = 1; id <= 1_000; id += 1) await keep(String(id));
const before = await heap();
for (let id = 1_001; id <= 1_000 + subjects; id += 1) await keep(String(id));
const after = await heap();
// One more, so that nothing is collected before it was measured.
await keep(String(1_001 + subjects));
console.log(JSON.stringify((after - before) / subjects));
