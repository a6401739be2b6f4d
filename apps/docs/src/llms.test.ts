import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { llmsFull, llmsList } from './llms.ts';
import { ROOT } from './paths.ts';

/** Whether another project has this scope on the public registry: until `rescope` takes out what is said of it. */
const hasNamesake = readFileSync(join(ROOT, 'README.md'), 'utf8').includes('<!-- namesake -->');

describe('the list for programs that read', () => {
  it.each([llmsList([]), llmsFull([])])('says at its top what this is not, as long as that has the same name', (text) => {
    const [title, about] = text.split('\n\n');
    expect(title).toBe('# Authentication to bank-data aggregators');
    expect(about?.trimEnd().endsWith('\n> Not Auth.js.')).toBe(hasNamesake);
  });
});
