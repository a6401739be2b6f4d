import { budgeaSandbox } from '../budgea/sandbox.ts';
import { finicitySandbox } from '../finicity/sandbox.ts';
import type { Listening, Sandbox, SandboxOptions } from '../sandbox.ts';
import type { Served } from './report.ts';
import { seededRandom } from './seed.ts';
import type { ServeOptions, VendorName } from './words.ts';

/** A server could not listen; the message says why and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Servers that listen, and their end. */
export interface Servers {
  readonly served: readonly Served[];
  readonly close: () => Promise<void>;
}

/** What a call is reported to. */
export type CallObserver = (vendor: VendorName, ...call: Parameters<NonNullable<SandboxOptions['observe']>>) => void;

/** Starts a server for each vendor, all of them or none. */
export const serve = async (options: ServeOptions, observe: CallObserver): Promise<Servers> => {
  const { vendors, port, host, seed } = options;
  const open: Listening[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(open.map((listening) => listening.close()));
  };

  const start = async (vendor: VendorName, ownPort: number): Promise<Served> => {
    const { sandbox, also } = create[vendor](options, {
      observe: (call) => observe(vendor, call),
      // Each vendor's own, so that its credentials are the same whether the other runs or not.
      random: seed === undefined ? undefined : seededRandom(`${vendor} ${seed}`),
    });
    const listening = await sandbox.listen({ port: ownPort, host }).catch(explain(host, ownPort));
    open.push(listening);
    const { url } = listening;
    return { vendor, url, admin: new URL('/__sandbox', url).href, environment: sandbox.environment(url), also };
  };

  try {
    const served: Served[] = [];
    for (const [index, vendor] of vendors.entries()) served.push(await start(vendor, port === 0 ? 0 : port + index));
    return { served, close };
  } catch (error) {
    await close();
    throw error;
  }
};

type Create = (
  options: ServeOptions,
  own: Pick<SandboxOptions, 'observe' | 'random'>,
) => { readonly sandbox: Sandbox<unknown>; readonly also: Served['also'] };

const create: Readonly<Record<VendorName, Create>> = {
  finicity: ({ plan }, own) => ({ sandbox: finicitySandbox({ plan, ...own }), also: {} }),
  budgea: ({ profile }, own) => {
    const sandbox = budgeaSandbox({ profile, ...own });
    const { serverTokens, login } = sandbox;
    return { sandbox, also: profile === '2019' ? { ...serverTokens, ...login } : { ...serverTokens } };
  },
};

/** Anything without a system's error code is a bug of ours, which keeps its stack. */
const explain =
  (host: string, port: number) =>
  (error: unknown): never => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    if (code === undefined) throw error;
    const explained = EXPLANATIONS[code]?.(port) ?? `Cannot listen on ${host}: ${code}. Give an address of this machine with --host.`;
    throw new ListenError(explained);
  };

const EXPLANATIONS: Readonly<Record<string, (port: number) => string>> = {
  EADDRINUSE: (port) => `Port ${port} is taken. Choose another with --port, or leave it out for a free one.`,
  EACCES: (port) => `Port ${port} is not allowed to this user. Choose one above 1023 with --port, or leave it out for a free one.`,
};
