import { describe, expect, it } from 'vitest';
import { budgeaCaller } from '../../test/budgea-caller.ts';
import { type Expand, parseExpand } from './expand.ts';

const plain = (expand: Expand | undefined): unknown =>
  expand && Object.fromEntries([...expand].map(([name, inner]) => [name, plain(inner)]));

describe('expand', () => {
  it.each([
    ['', {}],
    ['accounts', { accounts: {} }],
    ['accounts,connector', { accounts: {}, connector: {} }],
    ['accounts[transactions],connector[countries]', { accounts: { transactions: {} }, connector: { countries: {} } }],
    ['a[b[c,d],e],f', { a: { b: { c: {}, d: {} }, e: {} }, f: {} }],
    ['a[b],a[c]', { a: { b: {}, c: {} } }],
  ])('reads %j', (text, expected) => {
    expect(plain(parseExpand(text))).toEqual(expected);
  });

  it.each(['a,', ',a', 'a,,b', 'a[', 'a[]', 'a[b', 'a]', 'a[b]]', '[a]', 'a[b][c]', 'a[b]c', 'a b', 'a[b,]', 'a.b', ']'])(
    'does not read %j',
    (text) => {
      expect(parseExpand(text)).toBeUndefined();
    },
  );

  it('reads and refuses what is nested very deeply', () => {
    expect(parseExpand('a['.repeat(20_000))).toBeUndefined();
    expect(parseExpand(`${'a['.repeat(20_000)}a${']'.repeat(20_000)}`)?.has('a')).toBe(true);
  });

  it.each(['users', 'users/me', 'clients', 'connectors', 'connectors/1', 'banks', 'providers', 'certificate/tls'])(
    'is refused by %s when it cannot be read, and may ask for what nobody knows',
    async (path) => {
      const { send, user, manageToken } = budgeaCaller();
      const token = path === 'users/me' || path.startsWith('certificate') ? (await user()).token : manageToken;
      expect(await send('GET', `${path}?expand=a[`, token)).toMatchObject({ status: 400, body: { code: 'invalidValue' } });
      expect((await send('GET', `${path}?expand=nothing[at,all]`, token)).status).toBe(200);
    },
  );
});
