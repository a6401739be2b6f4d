import { tried } from '../run.ts';
import type { Vendors } from './vendors.ts';

/** A product of a user. */
export interface Row {
  readonly name: string;
  /** The folder of its product. */
  readonly product: string;
  /** Why it cannot run here, in half a sentence. */
  readonly missing?: string | undefined;
  /** Rejects with what is the matter. */
  readonly run: (product: string, vendors: Vendors) => Promise<void>;
}

/** What the machine that runs this has set is not the product's business. */
export const NEUTRAL: Readonly<Record<string, string | undefined>> = {
  ...{ NODE_OPTIONS: undefined, NODE_ENV: undefined, CI: undefined, FORCE_COLOR: undefined, NO_COLOR: '1' },
};

/** Milliseconds that one program may take before it is ended. */
const DEADLINE = 420_000;

/** What is started, in the folder of the product. */
export interface Command {
  readonly args: readonly string[];
  /** The program. Default: the Node that runs this. */
  readonly node?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** Runs a program of the product, which has to end well, and answers what it printed. */
export const ran = async (product: string, vendors: Vendors, { args, node = process.execPath, env = {} }: Command): Promise<string> => {
  const { code, out, err } = await tried(node, args, {
    cwd: product,
    deadline: DEADLINE,
    env: { ...vendors, ...NEUTRAL, ...env },
  });
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}.\n${out}\n${err}`);
  return out;
};

/** A program that looks at its own work, and says in its last line whether it passed. */
export const program = (name: string, product: string, command: Command, missing?: string): Row => ({
  name,
  product,
  missing,
  run: async (folder, vendors) => {
    const out = await ran(folder, vendors, command);
    if (out.trimEnd().split('\n').at(-1) !== 'passed') throw new Error(`It did not say that it passed.\n${out}`);
  },
});
