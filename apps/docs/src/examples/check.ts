// Type-checks every code block of guides, READMEs and doc comments, and runs those that are marked `runnable`.
import { rmSync } from 'node:fs';
import { allBlocks } from './blocks.ts';
import { compile, FOLDER } from './compile.ts';
import { complaintOf, isChecked, moduleOf } from './modules.ts';
import { runAll } from './run.ts';

const blocks = allBlocks();
const marks = blocks.flatMap((block) => {
  const complaint = complaintOf(block);
  return complaint === undefined ? [] : [`${block.source}:${block.line}: ${complaint}`];
});
const modules = blocks.filter(isChecked).map(moduleOf);
const runnable = modules.filter(({ block }) => block.mark === 'runnable');
const types = compile(modules);
// What does not compile need not be run.
const runs = types.length === 0 ? await runAll(runnable) : [];
const complaints = [...marks, ...types, ...runs];

for (const complaint of complaints) console.log(complaint);
const unchecked = blocks.filter(({ language, mark }) => language === 'ts' && mark.startsWith('unchecked')).length;
console.log(
  `${modules.length} examples type-checked, ${runnable.length} of them run, ${unchecked} unchecked: ${complaints.length} complaints`,
);
if (complaints.length > 0) process.exitCode = 1;
else rmSync(FOLDER, { recursive: true, force: true });
