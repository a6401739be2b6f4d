import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOCS, ROOT } from '../paths.ts';
import type { Module } from './modules.ts';

/** Inside the app, so that packages are found as by a product's own code. */
export const FOLDER: string = join(DOCS, '.examples');

/** Writes the modules, and answers what the compiler says of them, in terms of the documents. */
export const compile = (modules: readonly Module[]): readonly string[] => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const { name, text } of modules) writeFileSync(join(FOLDER, name), text);
  // The compiler of the workspace, not the older one that TypeDoc needs here.
  const args = ['-p', join(DOCS, 'tsconfig.examples.json'), '--pretty', 'false'];
  const { stdout, status } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), args, { encoding: 'utf8' });
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
