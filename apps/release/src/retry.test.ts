import { expect, it } from 'vitest';
import { retried } from './retry.ts';

/** Answers in turn, the last one forever, and notes the pauses. */
const lookingAt = (...answers: readonly (readonly string[] | Error)[]): { look: () => Promise<readonly string[]>; looks: () => number } => {
  let looks = 0;
  return {
    looks: () => looks,
    look: async () => {
      const answer = answers[Math.min(looks, answers.length - 1)] ?? [];
      looks += 1;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
};

it('looks once where all is well', async () => {
  const { look, looks } = lookingAt([]);
  expect(await retried(look, () => Promise.reject(new Error('It waits.')))).toEqual([]);
  expect(looks()).toBe(1);
});

it('waits for a registry that lags, or gives no answer', async () => {
  const { look } = lookingAt(['not there'], new Error('503'), []);
  const pauses: number[] = [];
  expect(await retried(look, async (seconds) => void pauses.push(seconds))).toEqual([]);
  expect(pauses).toEqual([2, 4]);
});

it('complains of what is still wrong after five minutes, the longest pause being one', async () => {
  const { look } = lookingAt(['not there'], new Error('503'));
  const pauses: number[] = [];
  expect(await retried(look, async (seconds) => void pauses.push(seconds))).toEqual(['503']);
  expect(pauses.reduce((sum, seconds) => sum + seconds, 0)).toBe(300);
  expect(Math.max(...pauses)).toBe(60);
});
