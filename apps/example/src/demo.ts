// The main job, once for each vendor, or for the one that AUTH_PROVIDER names. Needs no account: where the environment has no
// credentials of a vendor, its sandbox answers on loopback.
import { AuthError } from '@auth/core';
import { runMainJob } from './main-job.ts';
import { printed } from './print.ts';
import { registry } from './providers.ts';
import { openWire } from './wire.ts';

const { AUTH_PROVIDER: chosen } = process.env;
const plugins = registry.plugins.filter(({ id }) => !chosen || id === chosen);

try {
  // An unknown name gets the registry's own error, which lists the known ones.
  if (plugins.length === 0) registry.fromEnv(process.env);
  for (const { id } of plugins) {
    const wire = await openWire(id, process.env);
    try {
      console.log(printed(id, wire, await runMainJob(wire)));
    } finally {
      await wire.close();
    }
  }
} catch (error) {
  console.error(AuthError.is(error) ? `${error.code}: ${error.message}` : error);
  process.exitCode = 1;
}
