import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OURS = fileURLToPath(new URL('../.env', import.meta.url));

/** Reads the `.env` of this folder, or the file that `ENV_FILE` names, if it is there. What the environment has already stays. */
export const readEnvFile = (): void => {
  const file = process.env['ENV_FILE'] ?? OURS;
  if (existsSync(file)) process.loadEnvFile(file);
};
