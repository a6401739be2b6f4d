import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGES, ROOT } from '../paths.ts';
import type { Block } from './blocks.ts';

/** A block as a file that the compiler can look at. */
export interface Module {
  readonly block: Block;
  readonly name: string;
  readonly text: string;
  /** Lines before the block's own. */
  readonly offset: number;
}

/** Languages that we show but do not compile. */
const OTHERS: ReadonlySet<string> = new Set([
  ...['', 'sh', 'text', 'json', 'jsonc', 'yaml', 'ini', 'dotenv', 'toml', 'ruby', 'sql', 'http', 'diff'],
]);

/** What is wrong with how a block is marked, if something is. */
export const complaintOf = ({ language, mark }: Block): string | undefined => {
  if (OTHERS.has(language)) return mark === '' ? undefined : `A block of ${language || 'text'} takes no mark, this one has «${mark}».`;
  if (language !== 'ts') return `Blocks of ${language} are not checked. Make it \`ts\`.`;
  if (mark === '' || mark === 'runnable' || /^unchecked: \S.{9,}/.test(mark)) return undefined;
  return `«${mark}» is no mark. Write \`runnable\`, or \`unchecked: \` and the reason.`;
};

/** Whether the compiler looks at it. */
export const isChecked = ({ language, mark }: Block): boolean => language === 'ts' && !mark.startsWith('unchecked');

/** In doc comments and READMEs of packages our own exports need no import, and some names are assumed. */
export const moduleOf = (block: Block, index: number): Module => {
  const prelude = block.package === undefined ? '' : [importsFor(block), assumptionsFor(block)].join(' ');
  // An example of a request's handler ends where the handler does.
  const code = /^(?:if\b.*|)return\b/m.test(block.code) ? inFunction(block.code) : block.code;
  const slug = block.source.replace(/[^\w]+/g, '-');
  return {
    block,
    name: `${String(index).padStart(3, '0')}-${slug}-${block.line}.ts`,
    text: `${prelude}\n${code}\nexport {};\n`,
    offset: 1,
  };
};

const inFunction = (code: string): string =>
  `export const handler = async (): Promise<Response | undefined> => { ${code}return undefined; };`;

const ENTRIES: readonly (readonly [specifier: string, index: string])[] = [
  ['@auth/core', 'core/src/index.ts'],
  ['@auth/core/kit', 'core/src/kit/index.ts'],
  ['@auth/core/testing', 'core/src/testing/index.ts'],
  ...PACKAGES.filter((name) => name !== 'core').map((name) => [`@auth/${name}`, `${name}/src/index.ts`] as const),
];

const importsFor = ({ code, package: own }: Block): string => {
  const taken = new Set<string>();
  const nearestFirst = ENTRIES.toSorted(([, a], [, b]) => Number(b.startsWith(`${own}/`)) - Number(a.startsWith(`${own}/`)));
  return nearestFirst
    .map(([specifier, index]) => {
      const used = exportsOf(index).filter(({ name }) => !taken.has(name) && uses(code, name));
      for (const { name } of used) taken.add(name);
      return used.length === 0
        ? ''
        : `import { ${used.map(({ name, isType }) => `${isType ? 'type ' : ''}${name}`).join(', ')} } from '${specifier}';`;
    })
    .join('');
};

const assumptionsFor = ({ code, package: own = '' }: Block): string => {
  const file = readFileSync(join(import.meta.dirname, 'assumed.d.ts'), 'utf8');
  const of = `Of${own.charAt(0).toUpperCase()}${own.slice(1)}`;
  return [of, 'Everywhere']
    .flatMap((place, index, places) => {
      const names = namesIn(file, place).filter((name) => index === 0 || !namesIn(file, places[0] ?? '').includes(name));
      return names.filter((name) => uses(code, name)).map((name) => `declare const ${name}: ${place}['${name}'];`);
    })
    .join(' ');
};

const namesIn = (file: string, place: string): readonly string[] => {
  const [, body = ''] = new RegExp(`^interface ${place} \\{\\n([\\s\\S]*?)^\\}`, 'm').exec(file) ?? [];
  return [...body.matchAll(/^ {2}(\w+):/gm)].map(([, name = '']) => name);
};

/** Whether the name is meant here, and comes from elsewhere: no property, no part of a string, nothing that the example itself declares. */
const uses = (code: string, name: string): boolean => {
  const plain = code.replace(/'[^'\n]*'/g, "''").replace(/\/\/.*$/gm, '');
  return new RegExp(`(?<![.\\w])${name}\\b(?!['":])`).test(plain) && !declares(plain, name);
};

const declares = (code: string, name: string): boolean =>
  new RegExp(
    `import[^;]*\\b${name}\\b[^;]*from|\\b(?:const|let|using|function|class|type|interface) ${name}\\b|const [{[][^=]*\\b${name}\\b[^=]*[}\\]] =`,
  ).test(code);

interface Export {
  readonly name: string;
  readonly isType: boolean;
}

const exportsOf = (index: string): readonly Export[] =>
  [...readFileSync(join(ROOT, 'packages', index), 'utf8').matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(([, type, names = '']) =>
    names
      .split(',')
      .map((name) => ({ name: name.trim(), isType: type !== undefined }))
      .filter(({ name }) => name !== ''),
  );
