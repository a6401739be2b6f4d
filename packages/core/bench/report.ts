/** One line: what was measured, and the bound that it should keep. */
export const report = (name: string, value: number, bound: number): void => {
  console.log(`${value <= bound ? 'ok  ' : 'OVER'}  ${value.toFixed(2).padStart(8)}  (at most ${bound})  ${name}`);
  if (value > bound) process.exitCode = 1;
};
