import fs, { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fakeClock } from '@auth/core/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { database, newDirectory, newPath, open } from '../test/place.ts';
import { prepareFile } from './file.ts';
import { sqliteStore } from './index.ts';

const ALL = ['', '-wal', '-shm'] as const;
const modes = (path: string): readonly string[] => ALL.map((suffix) => (statSync(path + suffix).mode & 0o777).toString(8));

const withUmask = (mask: number): void => {
  const before = process.umask(mask);
  onTestFinished(() => void process.umask(before));
};

describe('the files', () => {
  it.each([0o000, 0o022, 0o277])('are open to their owner alone, under umask %o', async (mask) => {
    withUmask(mask);
    const path = newPath();
    await open({ path }).write('key', 'value');
    expect(modes(path)).toEqual(['600', '600', '600']);
  });

  it.each(['the path itself', 'a link'])('are closed to others where they are, when they were open to them, by %s', async (by) => {
    const path = newPath();
    // Keeps the files beside it.
    database(path).exec('PRAGMA journal_mode = WAL');
    await open({ path }).write('key', 'value');
    for (const suffix of ALL) chmodSync(path + suffix, 0o644);
    const link = newPath();
    symlinkSync(path, link);
    expect(await open({ path: by === 'a link' ? link : path }).read('key')).toMatchObject({ value: 'value' });
    expect(modes(path)).toEqual(['600', '600', '600']);
    expect(readdirSync(dirname(link))).toEqual(['tokens.db']);
  });

  it('are not made before the first use', () => {
    const path = newPath();
    open({ path });
    expect(existsSync(path)).toBe(false);
  });

  it('are not held open after the store was disposed of', async () => {
    const path = newPath();
    const store = sqliteStore({ path });
    await store.write('key', 'value');
    await store[Symbol.asyncDispose]();
    expect(readdirSync(dirname(path))).toEqual(['tokens.db']);
    await expect(store.read('key')).rejects.toMatchObject({ code: 'store_unavailable', message: expect.stringContaining('closed') });
  });

  it('are closed by a disposal that comes during the opening', async () => {
    const path = newPath();
    const store = sqliteStore({ path });
    const writing = store.write('key', 'value');
    await store[Symbol.asyncDispose]();
    await expect(writing).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(readdirSync(dirname(path)).filter((name) => name !== 'tokens.db')).toEqual([]);
  });
});

describe('a path', () => {
  it.each(['', ':memory:', 'a\0b'])('of %j is misconfigured before anything is opened', (path) => {
    expect(() => sqliteStore({ path })).toThrow(expect.objectContaining({ code: 'misconfigured' }));
  });

  it('that looks like a URI is a file name', async () => {
    const directory = newDirectory();
    const before = process.cwd();
    process.chdir(directory);
    onTestFinished(() => process.chdir(before));
    const store = sqliteStore({ path: 'file:tokens.db?mode=memory' });
    await store.write('key', 'value');
    await store[Symbol.asyncDispose]();
    expect(readdirSync(directory)).toEqual(['file:tokens.db?mode=memory']);
  });

  it.each([
    ['a directory', (path: string) => mkdirSync(path)],
    ['a link to nothing', (path: string) => symlinkSync(join(dirname(path), 'nowhere'), path)],
    ['a link to itself', (path: string) => symlinkSync(path, path)],
    ['a text', (path: string) => writeFileSync(path, 'Nothing that SQLite would read. '.repeat(200))],
    ['in a directory that is not there', (path: string) => rmSync(dirname(path), { recursive: true })],
  ])('of %s is misconfigured, and names the path', async (_, prepare) => {
    const path = newPath();
    prepare(path);
    const before = existsSync(dirname(path)) ? readdirSync(dirname(path)) : [];
    const store = open({ path });
    await expect(store.read('key')).rejects.toMatchObject({ code: 'misconfigured', message: expect.stringContaining(path) });
    await expect(store.write('key', 'value')).rejects.toMatchObject({ code: 'misconfigured' });
    expect(existsSync(dirname(path)) ? readdirSync(dirname(path)) : []).toEqual(before);
  });

  it("of another program's database is misconfigured, and leaves that as it was", async () => {
    const path = newPath();
    const theirs = database(path);
    theirs.exec('CREATE TABLE entries (id INTEGER PRIMARY KEY)');
    await expect(open({ path }).write('key', 'value')).rejects.toMatchObject({ code: 'misconfigured' });
    expect(theirs.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'delete' });
    expect(theirs.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'entries' }]);
  });

  it('of a later layout is misconfigured', async () => {
    const path = newPath();
    await open({ path }).write('key', 'value');
    database(path).exec('PRAGMA user_version = 2');
    await expect(open({ path }).read('key')).rejects.toMatchObject({ code: 'misconfigured' });
  });
});

describe('a file that is taken away while it is open', () => {
  const gone = { code: 'store_unavailable' };
  const setUp = async () => {
    const path = newPath();
    const clock = fakeClock();
    const store = open({ path, clock });
    await store.write('key', 'value');
    return { path, clock, store, remove: (...suffixes: readonly string[]) => suffixes.map((suffix) => rmSync(path + suffix)) };
  };

  it('is not written to any more, and is created again after a pause', async () => {
    const { path, store, clock, remove } = await setUp();
    remove(...ALL);
    await expect(store.write('key', 'next')).rejects.toMatchObject({ ...gone, message: expect.stringContaining(path) });
    expect(existsSync(path)).toBe(false);
    clock.advance(1_000);
    expect(await store.read('key')).toBeUndefined();
    expect(modes(path)).toEqual(['600', '600', '600']);
  });

  it('is not created again over the remains of the old one, until they are removed too', async () => {
    const { path, store, clock, remove } = await setUp();
    remove('');
    await expect(store.read('key')).rejects.toMatchObject(gone);
    clock.advance(1_000);
    await expect(store.read('key')).rejects.toMatchObject({ ...gone, message: expect.stringContaining('-wal') });
    expect(existsSync(path)).toBe(false);
    remove('-wal', '-shm');
    clock.advance(2_000);
    expect(await store.write('key', 'value')).toEqual(expect.any(String));
  });

  it('and its directory with it, is no misconfiguration', async () => {
    const { path, store, clock } = await setUp();
    const aside = `${dirname(path)}-gone`;
    onTestFinished(() => rmSync(aside, { recursive: true, force: true }));
    renameSync(dirname(path), aside);
    for (const pause of [1_000, 2_000]) {
      await expect(store.read('key')).rejects.toMatchObject(gone);
      clock.advance(pause);
    }
    renameSync(aside, dirname(path));
    expect(await store.read('key')).toMatchObject({ value: 'value' });
  });

  it('and replaced, is read from then on', async () => {
    const { path, store, clock, remove } = await setUp();
    const copy = newPath();
    const other = sqliteStore({ path: copy });
    await other.write('key', 'restored');
    await other[Symbol.asyncDispose]();
    remove(...ALL);
    renameSync(copy, path);
    await expect(store.read('key')).rejects.toMatchObject(gone);
    clock.advance(1_000);
    expect(await store.read('key')).toMatchObject({ value: 'restored' });
  });

  it('or whose link is pointed at another one, is followed there', async () => {
    const [{ path }, other, link] = [await setUp(), newPath(), newPath()];
    await open({ path: other }).write('key', 'other');
    symlinkSync(path, link);
    const clock = fakeClock();
    const store = open({ path: link, clock });
    expect(await store.read('key')).toMatchObject({ value: 'value' });
    rmSync(link);
    symlinkSync(other, link);
    await expect(store.read('key')).rejects.toMatchObject(gone);
    clock.advance(1_000);
    expect(await store.read('key')).toMatchObject({ value: 'other' });
  });
});

describe('a new file', () => {
  it('is closed to others from the moment on that it is there', () => {
    const path = newPath();
    let mode = 0;
    const seeing = {
      ...fs,
      fchmodSync: (file: number) => {
        mode = fs.fstatSync(file).mode & 0o777;
      },
    };
    withUmask(0);
    prepareFile(seeing, path);
    expect(mode).toBe(0o600);
  });
});
