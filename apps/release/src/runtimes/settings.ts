import { type BudgeaCredentials, budgeaSandbox, type FinicityCredentials, finicitySandbox } from '@auth/sandbox';

/** What the program is told: where the vendors are, and what they know it by. */
export interface Settings {
  readonly finicity: Vendor<FinicityCredentials>;
  readonly budgea: Vendor<BudgeaCredentials>;
  /** A third origin, which redirects lead to. */
  readonly stranger: string;
}

interface Vendor<Credentials> {
  readonly url: string;
  readonly credentials: Readonly<Credentials>;
}

/** Both vendors and a stranger, on free ports of the loopback interface, for one run of the program. */
export const withSandboxes = async <T>(run: (settings: Settings) => Promise<T>): Promise<T> => {
  const finicity = finicitySandbox();
  const budgea = budgeaSandbox();
  const [first, second, stranger] = await Promise.all([finicity.listen(), budgea.listen(), finicitySandbox().listen()]);
  try {
    return await run({
      finicity: { url: first.url, credentials: finicity.credentials },
      budgea: { url: second.url, credentials: budgea.credentials },
      stranger: stranger.url,
    });
  } finally {
    await Promise.all([first.close(), second.close(), stranger.close()]);
  }
};
