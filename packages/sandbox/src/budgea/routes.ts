import type { Context, Hono } from 'hono';
import type { Refusals } from './errors.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Adds a path with all of its methods. */
export type Routes = (path: string, methods: Partial<Record<Method, (c: Context) => Response | Promise<Response>>>) => void;

/** Every other method of such a path is refused with `methodNotAllowed`. */
export const routesOf =
  (app: Hono, refuse: Refusals): Routes =>
  (path, methods) => {
    for (const [method, answer] of Object.entries(methods)) app.on(method, path, answer);
    app.all(path, () => {
      throw refuse.methodNotAllowed();
    });
  };
