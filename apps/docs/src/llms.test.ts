import { expect, it } from 'vitest';
import { llmsList } from './llms.ts';

it('lists pages for programs that read, by group, with the first sentence of each', () => {
  const list = llmsList([
    { page: 'guides/a.md', title: 'A', group: 'Start', text: '# A\n\nWhat [this](b.md) is. And more.\n' },
    { page: 'guides/b.md', title: 'B', group: 'Start', text: '# B\n\n| a |\n\nSays:\n' },
  ]);
  expect(list.split('\n\n')[0]).toBe('# Authentication to bank-data aggregators');
  expect(list).toContain('## Start\n\n- [A](guides/a.md): What this is.\n- [B](guides/b.md): Says.\n');
});
