// Does what it is told, a line each: `do`, and how much time passed while it was frozen.
import { createInterface } from 'node:readline';
import { budgeaPlugin } from '@auth/budgea';
import { AuthError, authorizedFetch, createRegistry } from '@auth/core';
import { finicityPlugin } from '@auth/finicity';

/** Time runs so much faster than outside. */
const SPEED = 15;

// The same for all processes, so that their clocks agree.
const start = Number(process.env.START);
const passed = { wall: 0, monotonic: 0 };
const elapsed = () => (Date.now() - start) * SPEED;
const clock = {
  now: () => start + elapsed() + passed.wall,
  monotonic: () => elapsed() + passed.monotonic,
  after: (milliseconds, run, { ref = false } = {}) => {
    const timer = setTimeout(run, Math.max(0, milliseconds) / SPEED);
    if (!ref) timer.unref();
    return () => clearTimeout(timer);
  },
};

let providers;
const load = async (file) => {
  const store = file && (await import('@auth/store-sqlite')).sqliteStore({ path: file, clock });
  const registry = createRegistry([finicityPlugin, budgeaPlugin]);
  const provider = (name) => registry.fromEnv({ ...process.env, AUTH_PROVIDER: name }, { clock, ...(store && { store }) });
  providers = { finicity: provider('finicity'), budgea: provider('budgea') };
};

const call = async () => {
  const { status } = await authorizedFetch(providers.finicity.application)('institution/v2/institutions?limit=1');
  return status;
};

const does = {
  load: ({ store }) => load(store).then(() => 'loaded'),
  call,
  invoke: async () => {
    if (!providers) await load();
    return call();
  },
  token: async () => (await providers.finicity.application.token()).value,
  create: async () => {
    await providers.budgea.users.create({ reference: 'customer-17' });
    return 'created';
  },
};

for await (const line of createInterface(process.stdin)) {
  const message = JSON.parse(line);
  passed.wall += message.passed ?? 0;
  if (message.monotonic !== false) passed.monotonic += message.passed ?? 0;
  const got = await does[message.do](message).catch((error) => (AuthError.is(error) ? error.code : String(error)));
  console.log(JSON.stringify({ got }));
}
