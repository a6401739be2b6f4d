import { expect, it } from 'vitest';
import { withoutMermaid } from './mermaid.ts';

it('turns a flowchart into a list', () => {
  const text = 'Before.\n\n```mermaid\nflowchart TD\n  a["A<br>the first"] --> b["B"]\n  a --> c["C"]\n  b & c --> d["D"]\n```\n\nAfter.';
  expect(withoutMermaid(text)).toBe('Before.\n\n- A, the first → B; C\n- B and C → D\n\nAfter.');
});
