// Takes from the plan of the packed tarballs what the registry has already, so that a release publishes, and then verifies, what is new.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpublishedOf } from './published.ts';
import { PACKED, tarballs } from './tarballs.ts';

const unpublished = new Set((await unpublishedOf(tarballs(), { cwd: process.cwd() })).map(({ name }) => name));
const file = join(PACKED, 'publish-plan.json');
const whole: { readonly plan: readonly (readonly { readonly name: string }[])[] } = JSON.parse(readFileSync(file, 'utf8'));
const plan = whole.plan.map((chunk) => chunk.filter(({ name }) => unpublished.has(name))).filter((chunk) => chunk.length > 0);
writeFileSync(file, JSON.stringify({ ...whole, plan }, undefined, 2));
console.log(`To be published: ${[...unpublished].join(', ') || 'nothing'}.`);
