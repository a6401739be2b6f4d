import { type ProviderFixture, providerContract } from '@auth/conformance';
import { describe, expect, it } from 'vitest';
import { type AcmeFake, acmeFake } from '../test/fake.ts';
import { toDo } from '../test/to-do.ts';
import { type AcmeProvider, acme } from './acme.ts';

// TODO: an entry in `errors` for each line of the tables in errors.ts, and one in `capabilities` for each capability; the compiler names those that are missing.
const fixture: ProviderFixture<AcmeProvider, AcmeFake> = {
  open: acmeFake,
  create: (_, runtime, clientSecret) => acme({ ...runtime, clientId: 'the-client-of-the-fake', clientSecret }),
  secrets: ({ clientSecret }) => [clientSecret],
  user: () => '17',
  request: (userId) => `users/${userId}/accounts`,
  foreignRefusal: () => Response.json({ error: 'plan' }, { status: 401 }),
  errors: {
    'a wrong secret': {
      to: 'application.token',
      answer: () => Response.json({ error: 'invalid_client' }, { status: 401 }),
      code: 'invalid_credentials',
    },
    'too many calls': { to: 'application.token', answer: () => new Response('', { status: 429 }), code: 'rate_limited' },
  },
  token: {
    end: ({ endTokens }) => endTokens(),
    from: 'vendor',
    isRequest: ({ path }) => path === '/token',
  },
  capabilities: { application: { request: 'users/17/accounts' } },
};

describe('the contract', () => {
  for (const { name, run } of providerContract(fixture)) it(name, run);
});

// When this passes, delete it, and test/to-do.ts.
it('has nothing left to do', () => {
  const left = toDo();
  if (left.length > 0) expect.fail(`${left.length} things are left to do in packages/acme:\n\n${left.join('\n')}\n`);
});
