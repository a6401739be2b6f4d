import type { Context } from 'hono';
import { readFields } from './fields.ts';
import { type Authentication, authorize } from './request.ts';
import type { Routes } from './routes.ts';

const JWT_LIFETIME = 'auth.default_token_expire';
const MINUTE = 60_000;

/** The settings of the vendor's server: texts by key. */
export interface ServerConfig {
  readonly all: () => ReadonlyMap<string, string>;
  readonly set: (values: ReadonlyMap<string, string>) => void;
  /** Milliseconds. */
  readonly jwtLifetime: () => number;
  readonly reset: () => void;
}

/** Settings in memory. `jwtLifetime` in milliseconds. */
export const serverConfig = (jwtLifetime: number): ServerConfig => {
  const values = new Map<string, string>();
  const reset = (): void => {
    values.clear();
    values.set('connection.disable_new', '0');
    values.set(JWT_LIFETIME, String(jwtLifetime / MINUTE));
  };
  reset();
  return {
    all: () => values,
    set: (changes) => {
      for (const [key, value] of changes) values.set(key, value);
    },
    jwtLifetime: () => Number(values.get(JWT_LIFETIME)) * MINUTE,
    reset,
  };
};

/** What the routes of the settings work with. */
export interface ConfigRouteOptions extends Authentication {
  readonly config: ServerConfig;
}

/** The settings, for administrators and the config token. `search` picks keys that contain it. */
export const configRoutes = (routes: Routes, options: ConfigRouteOptions): void => {
  const { config, refuse } = options;

  const answer = (c: Context): Response => {
    const search = c.req.query('search') ?? '';
    return c.json(Object.fromEntries([...config.all()].filter(([key]) => key.includes(search))));
  };

  routes('/config', {
    GET: async (c) => {
      await authorize(c.req.raw, options, ['manager', 'configurer']);
      return answer(c);
    },
    POST: async (c) => {
      await authorize(c.req.raw, options, ['manager', 'configurer']);
      const changes = (await readFields(c.req.raw, refuse)).all();
      if (!/^\d{1,9}(\.\d{1,9})?$/.test(changes.get(JWT_LIFETIME) ?? '1')) throw refuse.invalidValue(JWT_LIFETIME);
      config.set(changes);
      return answer(c);
    },
  });
};
