import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataDirectory } from './data-directory.ts';
import { openUserTable } from './users.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'example-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

const HERE = { provider: 'acme', baseUrl: 'https://acme.example/' };

describe('the table of users', () => {
  it('has what was added after it was opened again', () => {
    const first = openUserTable(join(folder, 'users.db'));
    const user = first.add(HERE, 'customer-1', '5001');
    first.close();
    const second = openUserTable(join(folder, 'users.db'));
    expect(second.list(HERE)).toEqual([{ id: user.id, reference: 'customer-1', vendorUserId: '5001' }]);
    second.close();
  });

  it('shows the users of one vendor and one environment only', () => {
    const table = openUserTable(join(folder, 'users.db'));
    const { id } = table.add(HERE, 'customer-1', '5001');
    expect(table.list({ ...HERE, baseUrl: 'https://test.acme.example/' })).toEqual([]);
    expect(table.find({ ...HERE, provider: 'other' }, id)).toBeUndefined();
    expect(table.find(HERE, id)?.vendorUserId).toBe('5001');
    table.close();
  });

  it('takes over the subject that came back, and never uses an id again', () => {
    const table = openUserTable(join(folder, 'users.db'));
    const { id } = table.add(HERE, 'customer-1', '5001');
    table.update(id, '5002');
    expect(table.find(HERE, id)?.vendorUserId).toBe('5002');
    table.remove(id);
    expect(table.list(HERE)).toEqual([]);
    expect(table.add(HERE, 'customer-2', '5003').id).not.toBe(id);
    table.close();
  });
});

describe('the users of an environment', () => {
  it('go together, and no others with them', () => {
    const table = openUserTable(join(folder, 'users.db'));
    const there = { ...HERE, baseUrl: 'https://test.acme.example/' };
    for (const scope of [HERE, there]) table.add(scope, 'customer-1', '5001');
    table.removeAll(HERE);
    expect([table.list(HERE).length, table.list(there).length]).toEqual([0, 1]);
    table.close();
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
