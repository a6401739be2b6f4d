import { expect, it, vi } from 'vitest';
import { watched } from './watch.ts';

it('hears the console and the streams, lets them speak, and leaves them as they were, even if what was run fails', async () => {
  const info = vi.spyOn(console, 'info').mockReturnValue();
  const { write } = process.stderr;
  const { info: before } = console;
  const { printed, unhandled } = await watched(async () => {
    console.info('%s', 'spoken');
    process.stderr.write('');
  });
  expect(printed).toEqual(expect.arrayContaining([['%s', 'spoken'], ['']]));
  expect(unhandled).toEqual([]);
  expect(info).toHaveBeenCalledExactlyOnceWith('%s', 'spoken');
  await expect(watched(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect([console.info, process.stderr.write]).toEqual([before, write]);
});

it('hears warnings', async () => {
  const warning = new Error('deprecated');
  const listeners = process.listeners('warning');
  process.removeAllListeners('warning');
  const { printed } = await watched(async () => void process.emit('warning', warning));
  for (const listener of listeners) process.on('warning', listener);
  expect(printed).toContain(warning);
});
