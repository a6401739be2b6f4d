import type { Context, Hono } from 'hono';
import type { Product } from './product.ts';
import type { BrowserSession } from './sessions.ts';

/** What a request brings along. */
export interface AppEnvironment {
  readonly Variables: {
    readonly session: BrowserSession;
    /** The submitted form; empty for other requests. */
    readonly form: Readonly<Record<string, string>>;
  };
}

export type App = Hono<AppEnvironment>;
export type AppContext = Context<AppEnvironment>;

/** Adds the routes of one page. */
export type Routes = (app: App, product: Product) => void;
