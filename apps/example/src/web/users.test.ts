import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataDirectory } from './data-directory.ts';
import { openUserTable, type UserTable } from './users.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'example-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

const HERE = { provider: 'acme', baseUrl: 'https://acme.example/' };
const THERE = { ...HERE, baseUrl: 'https://test.acme.example/' };

/** What this makes of the table, which is opened and closed for it. */
const inTable = <T>(run: (table: UserTable) => T): T => {
  const table = openUserTable(join(folder, 'users.db'));
  const result = run(table);
  table.close();
  return result;
};

describe('the table of users', () => {
  it('has what was added after it was opened again, and shows users of that vendor and environment only', () => {
    const { id } = inTable(({ add }) => add(HERE, 'customer-1', '5001'));
    inTable(({ list, find }) => {
      expect(list(HERE)).toEqual([{ id, reference: 'customer-1', vendorUserId: '5001' }]);
      expect(find(HERE, id)?.vendorUserId).toBe('5001');
      expect([list(THERE), find({ ...HERE, provider: 'other' }, id)]).toEqual([[], undefined]);
    });
  });

  it('takes over the subject that came back, and never uses an id again', () => {
    inTable(({ add, update, find, remove, list }) => {
      const { id } = add(HERE, 'customer-1', '5001');
      update(id, '5002');
      expect(find(HERE, id)?.vendorUserId).toBe('5002');
      remove(id);
      expect(list(HERE)).toEqual([]);
      expect(add(HERE, 'customer-2', '5003').id).not.toBe(id);
    });
  });

  it('loses all users of one environment together, and no others with them', () => {
    inTable(({ add, removeAll, list }) => {
      for (const scope of [HERE, THERE]) add(scope, 'customer-1', '5001');
      removeAll(HERE);
      expect([list(HERE).length, list(THERE).length]).toEqual([0, 1]);
    });
  });
});

describe('the data directory', () => {
  it('has a key of 32 bytes that others cannot read, the same at every start', async () => {
    const path = join(folder, 'data');
    const first = await openDataDirectory(path);
    const { mode } = await stat(join(path, 'store.key'));
    expect(mode & 0o777).toBe(0o600);
    expect((await stat(first.users)).mode & 0o777).toBe(0o600);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect(Buffer.from(first.key, 'base64url')).toHaveLength(32);
    expect((await openDataDirectory(path)).key).toBe(first.key);
  });
});
