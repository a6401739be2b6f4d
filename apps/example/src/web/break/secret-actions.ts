import { AuthError, type Secret, supports } from '@auth/core';
import { secretVariableOf } from '../../providers.ts';
import type { Action, Scene } from './actions.ts';
import { callRounds, counted, loseToken } from './counted.ts';

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
        made: 'The secret was tried once at most. It is not tried again, by any process, until it changes. “Mend everything” puts the right one back.',
      };
    },
  },
  {
    id: 'rotate',
    label: 'Rotate the secret under traffic',
    does: 'The secret is changed at the vendor while 200 calls are under way; then the vendor ends every token, and 50 more are made.',
    isPossible: (scene) => secretOf(scene) !== undefined,
    run: async (scene) => {
      const numbers = await counted(scene, async () => {
        const traffic = callRounds(scene, 200);
        await secretOf(scene)?.rotate({ vault: vaultOf(scene) });
        const before = await traffic;
        scene.sandbox.expireTokens();
        const after = await callRounds(scene, 50);
        return { calls: before.calls + after.calls, failed: before.failed + after.failed, code: before.code ?? after.code };
      });
      return {
        ...numbers,
        did: 'The secret was changed at the vendor and in the vault, under 200 calls and before 50 more.',
        made: 'The next secret was in the vault as pending before the vendor heard of it. The running process took it over without a restart.',
      };
    },
  },
  {
    id: 'lose-answer',
    label: 'Lose the rotation’s answer',
    does: 'The secret is changed at the vendor, but the answer never arrives. Then the product recovers.',
    isPossible: (scene) => secretOf(scene) !== undefined,
    run: async (scene) => {
      let code: AuthError['code'] | undefined;
      const numbers = await counted(scene, async () => {
        scene.sandbox.faults.add({ reply: { kind: 'lost' } });
        const vault = vaultOf(scene);
        code = await secretOf(scene)
          ?.rotate({ vault })
          .then(() => undefined, codeOf);
        await secretOf(scene)?.recover({ vault });
        scene.sandbox.expireTokens();
        return callRounds(scene, 50);
      });
      return {
        ...numbers,
        code: numbers.code ?? code,
        did: 'The vendor changed the secret, and its answer was lost. Then secret.recover was called, every token was ended, and 50 calls were made.',
        made: `The rotation ended with ${code ?? 'no error'}: both secrets were in the vault. Recovery asked the vendor once which one works, and kept that one.`,
      };
    },
  },
];

const secretOf = ({ provider }: Scene): Secret | undefined => (supports(provider, 'secret') ? provider.secret : undefined);

const vaultOf = ({ product, provider }: Scene): ReturnType<Scene['product']['settings']['vaultOf']> =>
  product.settings.vaultOf(provider.id);

const codeOf = (error: unknown): AuthError['code'] => {
  if (AuthError.is(error)) return error.code;
  throw error;
};
