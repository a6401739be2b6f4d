import { expect, it } from 'vitest';
import { llmsFull, llmsList } from './llms.ts';

it.each([llmsList([]), llmsFull([])])('a list for programs that read begins with the title', (text) => {
  expect(text.split('\n\n')[0]).toBe('# Authentication to bank-data aggregators');
});
