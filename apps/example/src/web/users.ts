import { DatabaseSync } from 'node:sqlite';

/** One of your users, as this application knows them. */
export interface AppUser {
  /** Your own. */
  readonly id: number;
  readonly reference: string;
  /** The vendor's. This, and no token, is what a product stores. */
  readonly vendorUserId: string;
}

/** Whose users these are: another environment of the same vendor has others. */
export interface UserScope {
  readonly provider: string;
  readonly baseUrl: string;
}

/** Your users and the vendor's ids. */
export interface UserTable {
  readonly list: (scope: UserScope) => readonly AppUser[];
  readonly find: (scope: UserScope, id: number) => AppUser | undefined;
  readonly add: (scope: UserScope, reference: string, vendorUserId: string) => AppUser;
  /** The subject that a connection belongs to may be another one than the one that started. */
  readonly update: (id: number, vendorUserId: string) => void;
  readonly remove: (id: number) => void;
  readonly removeAll: (scope: UserScope) => void;
  readonly close: () => void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    provider TEXT NOT NULL,
    base_url TEXT NOT NULL,
    reference TEXT NOT NULL,
    vendor_user_id TEXT NOT NULL,
    UNIQUE (provider, base_url, reference)
  ) STRICT`;
const COLUMNS = 'id, reference, vendor_user_id AS vendorUserId';

/** A table in a file of its own. */
export const openUserTable = (path: string): UserTable => {
  const database = new DatabaseSync(path);
  database.exec(SCHEMA);
  const all = database.prepare(`SELECT ${COLUMNS} FROM users WHERE provider = ? AND base_url = ? ORDER BY id`);
  const one = database.prepare(`SELECT ${COLUMNS} FROM users WHERE provider = ? AND base_url = ? AND id = ?`);
  const insert = database.prepare(
    `INSERT INTO users (provider, base_url, reference, vendor_user_id) VALUES (?, ?, ?, ?) RETURNING ${COLUMNS}`,
  );
  const change = database.prepare('UPDATE users SET vendor_user_id = ? WHERE id = ?');
  const clearance = database.prepare('DELETE FROM users WHERE provider = ? AND base_url = ?');
  const removal = database.prepare('DELETE FROM users WHERE id = ?');
  return {
    list: ({ provider, baseUrl }) => all.all(provider, baseUrl).map(userIn),
    find: ({ provider, baseUrl }, id) => {
      const row = one.get(provider, baseUrl, id);
      return row && userIn(row);
    },
    add: ({ provider, baseUrl }, reference, vendorUserId) => {
      const row = insert.get(provider, baseUrl, reference, vendorUserId);
      if (row === undefined) throw new Error('The table of users returned no row.');
      return userIn(row);
    },
    update: (id, vendorUserId) => void change.run(vendorUserId, id),
    remove: (id) => void removal.run(id),
    removeAll: ({ provider, baseUrl }) => void clearance.run(provider, baseUrl),
    close: () => database.close(),
  };
};

const userIn = ({ id, reference, vendorUserId }: Readonly<Record<string, unknown>>): AppUser => ({
  id: Number(id),
  reference: String(reference),
  vendorUserId: String(vendorUserId),
});
