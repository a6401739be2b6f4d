// The web application: connect a bank, token health, break it, race, wire. Needs no account: where the environment has no credentials of
// a vendor, its sandbox answers on loopback.
import { AuthError } from '@auth/core';
import { readEnvFile } from './env-file.ts';
import { startServer } from './web/server.ts';

try {
  readEnvFile();
  const { url, close } = await startServer({ environment: process.env });
  console.log(`Open ${url}\nCtrl+C ends it.`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close().then(() => process.exit(0)));
} catch (error) {
  console.error(AuthError.is(error) ? `${error.code}: ${error.message}` : error);
  process.exitCode = 1;
}
