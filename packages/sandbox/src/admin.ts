import { Hono, type MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { parseJsonObject, readBody } from './body.ts';
import type { Call } from './calls.ts';
import type { SandboxClock } from './clock.ts';
import type { FaultQueue, WaitingFault } from './faults.ts';
import { InvalidArgument } from './invalid-argument.ts';
import { isLoopback, isLoopbackOrigin } from './loopback.ts';
import type { Vendor } from './vendor.ts';

const ROOT = '/__sandbox';

/** Whether a path belongs to the admin API and not to the vendor. */
export const isAdminPath = (path: string): boolean => path.startsWith(ROOT) && (path.length === ROOT.length || path[ROOT.length] === '/');

interface AdminOptions {
  readonly vendor: Pick<Vendor<unknown, string>, 'name' | 'basePath' | 'state' | 'expireTokens' | 'unlock'> & { readonly errors: object };
  readonly clock: SandboxClock;
  readonly faults: FaultQueue;
  readonly calls: readonly Call[];
  readonly reset: () => void;
}

interface Environment {
  readonly Bindings: { readonly ownHostOnly: boolean };
}

type Handler = (request: Request) => Response | Promise<Response>;
type Routes = Readonly<Record<string, Readonly<Partial<Record<'GET' | 'POST' | 'DELETE', Handler>>>>>;

/**
 * Drives a sandbox from other processes and from pages that this machine serves. With `ownHostOnly` it answers only where it is
 * addressed by a name of the loopback interface: another name leads here when a page on the web rebinds it.
 */
export const adminApi = (options: AdminOptions): ((request: Request, ownHostOnly: boolean) => Promise<Response>) => {
  const routes = routesOf(options);
  const app = new Hono<Environment>();
  app.use(guard, cors({ origin: (origin) => origin, allowMethods: ['GET', 'POST', 'DELETE'], allowHeaders: ['content-type'] }));
  for (const [path, handlers] of Object.entries(routes)) {
    for (const [method, handler] of Object.entries(handlers)) app.on(method, path, ({ req }) => handler(req.raw));
    const allow = Object.keys(handlers).join(', ').replace('GET', 'GET, HEAD');
    app.all(path, () => problem(405, 'Method not allowed', `Use ${allow}.`, { allow }));
  }
  const known = Object.entries(routes).flatMap(([path, handlers]) => Object.keys(handlers).map((method) => `${method} ${path}`));
  app.notFound(() => problem(404, 'No such path', `There are ${known.join(', ')}.`));
  app.onError((error) =>
    error instanceof InvalidArgument
      ? problem(400, 'Not possible like this', error.message)
      : problem(500, 'The sandbox failed', 'This is a defect of the sandbox.'),
  );
  return async (request, ownHostOnly) => app.fetch(request, { ownHostOnly });
};

const routesOf = ({ vendor, clock, faults, calls, reset }: AdminOptions): Routes => ({
  [ROOT]: {
    GET: () =>
      Response.json({
        vendor: vendor.name,
        now: clock.now(),
        basePath: vendor.basePath,
        state: vendor.state(),
        faults: faults.waiting().map(shown),
        calls: calls.length,
        errors: Object.keys(vendor.errors),
      }),
  },
  [`${ROOT}/calls`]: { GET: ({ url }) => Response.json({ calls: calls.slice(-limitOf(new URL(url))) }) },
  [`${ROOT}/clock`]: {
    POST: async (request) => {
      const { advance } = await sentObject(request);
      if (typeof advance !== 'number') throw new InvalidArgument('Send {"advance": milliseconds}.');
      clock.advance(advance);
      return Response.json({ now: clock.now() });
    },
  },
  [`${ROOT}/faults`]: {
    POST: async (request) => {
      faults.add(await sentObject(request));
      return Response.json({ faults: faults.waiting().map(shown) }, { status: 201 });
    },
    DELETE: () => done(faults.clear),
  },
  [`${ROOT}/expire-tokens`]: { POST: () => done(vendor.expireTokens) },
  [`${ROOT}/unlock`]: {
    POST: () => (vendor.unlock ? done(vendor.unlock) : problem(404, 'Nothing to unlock', `The vendor ${vendor.name} locks nothing.`)),
  },
  [`${ROOT}/reset`]: { POST: () => done(reset) },
});

/** No page on the web may drive a developer's sandbox. Browsers name the origin of a page with every request that changes something. */
const guard: MiddlewareHandler<Environment> = async ({ req, env }, next) => {
  if (env.ownHostOnly && !isLoopback(new URL(req.url).hostname)) {
    return problem(403, 'Not by this name', 'Address the sandbox as localhost, 127.0.0.1 or [::1].');
  }
  const origin = req.header('origin');
  if (origin !== undefined && !isLoopbackOrigin(origin)) {
    return problem(
      403,
      'Not from this origin',
      'Only pages that this machine serves may call this, such as those of http://localhost:3000.',
    );
  }
  return next();
};

/** RFC 9457. */
const problem = (status: number, title: string, detail: string, headers?: Readonly<Record<string, string>>): Response =>
  Response.json({ title, status, detail }, { status, headers: { ...headers, 'content-type': 'application/problem+json', vary: 'Origin' } });

const done = (act: () => void): Response => {
  act();
  return new Response(null, { status: 204 });
};

const sentObject = async (request: Request): Promise<Readonly<Record<string, unknown>>> => {
  const bytes = await readBody(request);
  const object = bytes && parseJsonObject(new TextDecoder().decode(bytes));
  if (object === undefined) throw new InvalidArgument('Send a JSON object of at most 1 MiB.');
  return { ...object };
};

const limitOf = ({ searchParams }: URL): number => {
  const limit = Number(searchParams.get('limit') ?? 100);
  if (!Number.isInteger(limit) || limit < 1) throw new InvalidArgument('limit: give a whole number from 1 on.');
  return limit;
};

/** Without bodies and headers, which can hold anything. */
const shown = ({ fault: { reply, ...matcher }, left }: WaitingFault): object => {
  const { body: _, headers: __, ...facts } = { body: undefined, headers: undefined, ...reply };
  return { ...matcher, left, reply: facts };
};
