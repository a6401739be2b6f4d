import { runRace } from '../../race/race.ts';
import type { Routes } from '../context.ts';
import { problemPage } from '../pages/problem.ts';
import { racePage } from '../pages/race.ts';

/** The race, one at a time. */
export const raceRoutes: Routes = (app, product) => {
  let isBusy = false;
  app.get('/race', (c) => racePage(c, product));
  app.post('/race', async (c) => {
    if (isBusy)
      return problemPage(c, product, {
        status: 409,
        title: 'A race is under way',
        happened: 'The race was started before, by you or in another window.',
        advice: 'Wait until it has ended.',
        action: { label: 'Back', href: '/race' },
      });
    isBusy = true;
    try {
      const { id: vendor } = product.provider();
      c.get('session').raced = { vendor, result: await runRace({ vendor, calls: 200, processes: 2 }) };
      return c.redirect('/race', 303);
    } finally {
      isBusy = false;
    }
  });
};
