import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOCS, ROOT } from '../paths.ts';
import type { Module } from './modules.ts';

/** Inside the app, so that packages are found as by a product's own code. */
export const FOLDER: string = join(DOCS, '.examples');

const OPTIONS = {
  extends: '../../../tsconfig.base.json',
  compilerOptions: {
    noEmit: true,
    types: ['node'],
    declaration: false,
    declarationMap: false,
    isolatedDeclarations: false,
    // An example shows a name without using it further.
    noUnusedLocals: false,
    noUnusedParameters: false,
    // Most products do not have these two.
    noPropertyAccessFromIndexSignature: false,
    exactOptionalPropertyTypes: false,
    skipLibCheck: true,
  },
  include: ['*.ts'],
};

/** Writes the modules, and answers what the compiler says of them, in terms of the documents. */
export const compile = (modules: readonly Module[]): readonly string[] => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const { name, text } of modules) writeFileSync(join(FOLDER, name), text);
  cpSync(join(import.meta.dirname, 'assumed.d.ts'), join(FOLDER, 'assumed.d.ts'));
  writeFileSync(join(FOLDER, 'tsconfig.json'), JSON.stringify(OPTIONS));
  // The compiler of the workspace, not the older one that TypeDoc needs here.
  const { stdout, status } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', FOLDER, '--pretty', 'false'], { encoding: 'utf8' });
  if (status === 0) return [];
  const complaints = stdout.split('\n').flatMap((line) => complaintIn(line, modules));
  return complaints.length === 0 ? [`The compiler failed: ${stdout.slice(0, 500)}`] : complaints;
};

const complaintIn = (line: string, modules: readonly Module[]): readonly string[] => {
  const [, path = '', row = '', message] = /^(.+?)\((\d+),\d+\): error (.*)$/.exec(line) ?? [];
  if (message === undefined) return [];
  const module = modules.find(({ name }) => path.endsWith(name));
  if (module === undefined) return [`${path}: ${message}`];
  return [`${module.block.source}:${module.block.line + Number(row) - 1 - module.offset}: ${message}`];
};
