import { describe, expect, it } from 'vitest';
import { errorOf, openUser } from '../test/setup.ts';

describe('connections', () => {
  it('are those of one user, page by page, with what is asked for', async () => {
    const { vendor, provider, userId } = await openUser();
    const other = await provider.users.create({ reference: 'b' });
    const [mine, second, theirs] = [
      await vendor.addConnection(await provider.asUser(userId).token()),
      await vendor.addConnection(await provider.asUser(userId).token()),
      await vendor.addConnection(await provider.asUser(other.id).token()),
    ];
    const { connections } = provider;
    expect(await connections.list(userId)).toMatchObject([{ id: mine }, { id: second }]);
    expect(await connections.list(userId, { limit: 1, offset: 1, expand: 'accounts' })).toMatchObject([
      { id: second, expanded: { accounts: expect.any(Array) } },
    ]);
    expect(await connections.get(userId, mine, { expand: 'accounts' })).toMatchObject({ expanded: { accounts: expect.any(Array) } });
    expect(await errorOf(connections.get(userId, theirs))).toMatchObject({ code: 'not_found', operation: 'connections.get' });
    expect(await connections.delete(userId, theirs)).toEqual({ existed: false });
    expect(await connections.list(other.id)).toHaveLength(1);
    expect(await connections.delete(userId, mine)).toEqual({ existed: true });
    expect(await connections.delete(userId, mine)).toEqual({ existed: false });
    expect(await connections.list(userId)).toMatchObject([{ id: second }]);
  });

  it('are deleted all at once, twice without harm, and the user and the token stay', async () => {
    const { vendor, provider, userId } = await openUser();
    await vendor.addConnection(await provider.asUser(userId).token());
    await provider.connections.deleteAll(userId);
    await provider.connections.deleteAll(userId);
    expect(await provider.connections.list(userId)).toEqual([]);
    expect([vendor.calls('DELETE', 'hash'), vendor.calls('POST', 'auth/renew')]).toEqual([2, 0]);
  });
});
