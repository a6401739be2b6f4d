import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { differingFrom, unplannedIn } from './tarballs.ts';

it('tells which tarballs are not those that were packed here: one with another byte, and one that was not packed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tarballs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const tarball = (name: string, text: string, file = name) => {
    writeFileSync(join(folder, file), text);
    return { name, version: '1.0.0', path: join(folder, file) };
  };
  const here = [tarball('core', 'bytes'), tarball('budgea', 'bytes')];
  expect(differingFrom(here, [tarball('core', 'bytes', 'copy')])).toEqual([]);
  expect(differingFrom(here, [tarball('core', 'bytez', 'other'), tarball('new', 'bytes')])).toEqual(['core@1.0.0', 'new@1.0.0']);
});

it('tells which tarballs of a folder the plan does not name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tarballs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const file of ['core.tgz', 'stray.tgz']) writeFileSync(join(folder, file), '');
  expect(unplannedIn(folder, [{ name: 'core', version: '1.0.0', path: join(folder, 'core.tgz') }])).toEqual(['stray.tgz']);
});
