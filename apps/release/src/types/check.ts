// The declarations that are published, read by the compilers that users have, with nothing skipped.
import { availableParallelism } from 'node:os';
import { leaveOut } from '../offline.ts';
import { packagesOf } from '../workspace.ts';
import { createProduct } from './product.ts';
import { COMPILERS, SETTINGS } from './settings.ts';

/** How pnpm says that it has not got something and cannot reach the registry. */
const OFFLINE = /ERR_PNPM_\w*(NETWORK|OFFLINE|FETCH)|ENOTFOUND|EAI_AGAIN|ECONN(REFUSED|RESET)|ETIMEDOUT/;

/** Has few dependencies, so that it is read fast. */
const SPOILT = 'store-redis';

const findings: string[] = [];
const product = createProduct();

const compileAll = async (): Promise<void> => {
  // The slowest first.
  const left = COMPILERS.flatMap((compiler) => compiler.settings.map((settings) => ({ compiler, settings }))).reverse();
  const compileNext = async (): Promise<void> => {
    const next = left.pop();
    if (next === undefined) return;
    const settings = SETTINGS[next.settings];
    if (settings === undefined) throw new Error(`There are no settings «${next.settings}».`);
    const { code, out, err } = await product.compile(next.compiler.program, settings);
    if (code !== 0) findings.push(`${next.compiler.name}, ${next.settings}:\n${shortened(out)}${err}`.trimEnd());
    return compileNext();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, compileNext));
};

/** Where a compiler finds nothing it has to be able to. */
const spoilAndCompile = async (): Promise<void> => {
  const [settings] = Object.values(SETTINGS);
  const spoilt = packagesOf().find(({ short }) => short === SPOILT);
  if (spoilt === undefined || settings === undefined) throw new Error(`There is no package ${SPOILT} to be spoilt.`);
  const file = product.spoil(spoilt, 'export declare const spoilt: NoSuchType;');
  for (const { name, program } of COMPILERS) {
    const { out } = await product.compile(program, settings, [file]);
    if (!out.includes('NoSuchType')) findings.push(`${name} says nothing of declarations that were spoilt on purpose.`);
  }
};

/** Without the place where pnpm keeps a package. */
const shortened = (output: string): string => output.replaceAll(/^node_modules\/\.pnpm\/.*?\/node_modules\//gm, '');

try {
  const { code, out, err } = await product.install();
  const said = `${out}${err}`.trim();
  if (code !== 0 && OFFLINE.test(said)) {
    leaveOut('types', 'no registry can be reached, and what others publish is not in the store of this machine');
    console.error(said);
  } else if (code !== 0) {
    findings.push(`The tarballs cannot be installed together:\n${said}`);
  } else {
    await compileAll();
    await spoilAndCompile();
  }
} finally {
  product.remove();
}
for (const finding of findings) console.error(finding);
if (findings.length > 0) process.exitCode = 1;
