import { type AuthProvider, supports } from '@auth/core';
import type { Action, Scene } from '../break/action.ts';
import { actions } from '../break/actions.ts';
import type { Routes } from '../context.ts';
import { breakPage, noBreakPage } from '../pages/break.ts';
import { failurePage, problemPage } from '../pages/problem.ts';
import type { Product } from '../product.ts';

/** Where a vendor has no users to create, a made-up id does: one token covers everybody. */
const ANYBODY = '1005061234';

/** The buttons, for sandboxes only. One thing goes wrong at a time. */
export const breakRoutes: Routes = (app, product) => {
  let isBusy = false;
  app.get('/break', (c) => {
    const scene = sceneOf(product, ANYBODY);
    return scene === undefined ? noBreakPage(c, product) : breakPage(c, product, possibleIn(scene));
  });
  app.post('/break', async (c) => {
    if (sceneOf(product, ANYBODY) === undefined) return noBreakPage(c, product);
    if (isBusy)
      return problemPage(c, product, {
        status: 409,
        title: 'One thing at a time',
        happened: 'Something is going wrong already, for you or in another window.',
        advice: 'Wait until it has ended.',
        action: { label: 'Back', href: '/break' },
      });
    isBusy = true;
    try {
      const scene = sceneOf(product, await someUser(product));
      const action = scene && possibleIn(scene).find(({ id }) => id === c.get('form')['action']);
      if (scene === undefined || action === undefined) return c.redirect('/break', 303);
      c.get('session').broken = { action: action.label, ...(await action.run(scene)) };
      return c.redirect('/break', 303);
    } catch (error) {
      return failurePage(c, product, error, { label: 'Back', href: '/break' });
    } finally {
      isBusy = false;
    }
  });
};

const sceneOf = (product: Product, userId: string): Scene | undefined => {
  const sandbox = product.sandbox();
  return sandbox && { product, provider: product.provider(), sandbox, userId };
};

const possibleIn = (scene: Scene): readonly Action[] => actions.filter((action) => action.isPossible(scene));

/** The latest user, or a new one. */
const someUser = async (product: Product): Promise<string> => {
  const provider: AuthProvider = product.provider();
  const user = product.users.list(product.scope()).at(-1);
  if (user !== undefined) return user.vendorUserId;
  if (!supports(provider, 'users')) return ANYBODY;
  const reference = `crash-dummy-${Date.now() % 1_000_000}`;
  const { id } = await provider.users.create({ reference });
  return product.users.add(product.scope(), reference, id).vendorUserId;
};
