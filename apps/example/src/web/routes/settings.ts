import { AuthError } from '@auth/core';
import { type Provider, pluginOf, registry } from '../../providers.ts';
import { vendors } from '../../vendors.ts';
import type { Routes } from '../context.ts';
import { settingsPage } from '../pages/settings.ts';
import { changesIn, problemsIn } from '../settings.ts';

/** The settings of a vendor, the current one unless another is named. */
export const settingsRoutes: Routes = (app, product) => {
  const chosen = (name: string | undefined): Provider['id'] => registry.plugins.find(({ id }) => id === name)?.id ?? product.provider().id;

  app.get('/settings', (c) => settingsPage(c, product, chosen(c.req.query('vendor'))));
  app.post('/settings', async (c) => {
    const form = c.get('form');
    const id = chosen(form['vendor']);
    const { fields } = pluginOf(id);
    try {
      await product.configure(id, changesIn(fields, form));
    } catch (error) {
      if (!AuthError.is(error, 'misconfigured')) throw error;
      return settingsPage(c, product, id, { form, problems: problemsIn(error.message, fields), message: error.message });
    }
    c.get('session').notice = `Saved. ${vendors[id].name} is in use with these settings.`;
    return c.redirect('/settings', 303);
  });
};
