import { registry } from '../../providers.ts';
import { vendors } from '../../vendors.ts';
import type { Routes } from '../context.ts';
import { homePage } from '../pages/home.ts';
import { failurePage, problemPage } from '../pages/problem.ts';

/** The configuration, and the switch. */
export const homeRoutes: Routes = (app, product) => {
  app.get('/', (c) => homePage(c, product));
  app.post('/', async (c) => {
    const plugin = registry.plugins.find(({ id }) => id === c.get('form')['provider']);
    if (plugin === undefined)
      return problemPage(c, product, {
        status: 400,
        title: 'There is no such vendor',
        happened: 'The form named a vendor that this product does not know. Nothing was changed.',
        advice: 'Choose one from the list.',
        action: { label: 'Choose a vendor', href: '/' },
      });
    try {
      await product.configure(plugin.id);
    } catch (error) {
      return failurePage(c, product, error, { label: 'Open the settings', href: `/settings?vendor=${plugin.id}` });
    }
    c.get('session').notice = `Switched to ${vendors[plugin.id].name}.`;
    return c.redirect('/', 303);
  });
};
