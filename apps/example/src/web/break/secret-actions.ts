import { AuthError } from '@auth/core';
import { secretVariableOf } from '../../providers.ts';
import type { Action, Scene } from './action.ts';
import { callRounds, counted, loseToken, madeOf } from './counted.ts';
import { recoverSecret, secretOf } from './recover.ts';

const WRONG_SECRET = 'a-wrong-secret-0';

/** What goes wrong with the secret. */
export const secretActions: readonly Action[] = [
  {
    id: 'wrong-secret',
    label: 'Use a wrong secret',
    does: 'The product gets a wrong secret while a token is due, then 3 times 50 calls are made.',
    isPossible: () => true,
    run: async (scene) => {
      const { settings } = scene.product;
      settings.override(secretVariableOf(scene.provider.id), WRONG_SECRET);
      await loseToken(scene);
      const numbers = await counted(scene, () => callRounds(scene, 50, 50, 50));
      return {
        ...numbers,
        did: 'The product has a wrong secret now, and 150 calls were made.',
        made: madeOf(numbers, {
          code: 'invalid_credentials',
          made: `The secret was ${numbers.tokenRequests === 0 ? 'refused before, so it was not tried' : 'tried once'}. It is not tried again, by any process, until it changes. “Mend everything” puts the right one back.`,
        }),
      };
    },
  },
  {
    id: 'rotate',
    label: 'Rotate the secret under traffic',
    does: 'The secret is changed at the vendor while 200 calls are under way; then the vendor ends every token, and 50 more are made.',
    isPossible: ({ provider }) => secretOf(provider) !== undefined,
    run: async (scene) => {
      let code: AuthError['code'] | undefined;
      const numbers = await counted(scene, async () => {
        const traffic = callRounds(scene, 200);
        code = await rotated(scene);
        const before = await traffic;
        scene.sandbox.expireTokens();
        const after = await callRounds(scene, 50);
        return { calls: before.calls + after.calls, failed: before.failed + after.failed, code: before.code ?? after.code };
      });
      if (code !== undefined)
        return { ...numbers, code, did: `The rotation ended with ${code}, under 200 calls and before 50 more.`, made: notRotated(code) };
      return {
        ...numbers,
        did: 'The secret was changed at the vendor and in the vault, under 200 calls and before 50 more.',
        made: madeOf(numbers, {
          made: 'The next secret was in the vault as pending before the vendor heard of it. The running process took it over without a restart.',
        }),
      };
    },
  },
  {
    id: 'lose-answer',
    label: 'Lose the rotation’s answer',
    does: 'The secret is changed at the vendor, but the answer never arrives. Then the product recovers.',
    isPossible: ({ provider }) => secretOf(provider) !== undefined,
    run: async (scene) => {
      let code: AuthError['code'] | undefined;
      let recovery: AuthError['code'] | undefined;
      const numbers = await counted(scene, async () => {
        scene.sandbox.faults.add({ reply: { kind: 'lost' } });
        code = await rotated(scene);
        recovery = await recoverSecret(scene).then(() => undefined, codeOf);
        scene.sandbox.expireTokens();
        return callRounds(scene, 50);
      });
      const ended = `The rotation ended with ${code ?? 'no error'}`;
      const did = `${ended}. Then secret.recover was called, every token was ended, and 50 calls were made.`;
      if (code !== 'outcome_unknown') return { ...numbers, code: numbers.code ?? code, did, made: notRotated(code) };
      if (recovery !== undefined)
        return {
          ...numbers,
          code: recovery,
          did,
          made: `Recovery ended with ${recovery}, and both secrets are still in the vault. “Mend everything” recovers.`,
        };
      return {
        ...numbers,
        code: numbers.code ?? code,
        did: `The vendor changed the secret, and its answer was lost. ${did}`,
        made: madeOf(numbers, {
          made: 'Both secrets were in the vault. Recovery, which waits a minute in a product, asked the vendor once which one works, and kept that one.',
        }),
      };
    },
  },
];

/** With which code it ended, if it failed. */
const rotated = async ({ product, provider }: Scene): Promise<AuthError['code'] | undefined> =>
  secretOf(provider)
    ?.rotate({ vault: product.settings.vaultOf(provider.id) })
    .then(() => undefined, codeOf);

const notRotated = (code: AuthError['code'] | undefined): string =>
  code === 'outcome_unknown' || code === 'conflict'
    ? 'Nobody knows whether the vendor changed the secret, so both are in the vault, and no other is tried. “Mend everything” recovers.'
    : 'The secret is the one that it was. “Mend everything” takes away what is still wrong.';

const codeOf = (error: unknown): AuthError['code'] => {
  if (AuthError.is(error)) return error.code;
  throw error;
};
