import { budgeaSandbox, finicitySandbox } from '@auth/sandbox';

/** The environment variables that lead a product to both vendors. */
export type Vendors = Readonly<Record<string, string>>;

/** Both vendors, on free ports of the loopback interface, for one product. */
export const withVendors = async <T>(use: (vendors: Vendors) => Promise<T>): Promise<T> => {
  const finicity = finicitySandbox();
  const budgea = budgeaSandbox();
  const [first, second] = await Promise.all([finicity.listen(), budgea.listen()]);
  try {
    return await use({ ...finicity.environment(first.url), ...budgea.environment(second.url) });
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
};
