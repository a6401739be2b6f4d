// A package without "type": "module", as the command of Nest made them for years: compiled to CommonJS, with everything by `require`.
import 'reflect-metadata';
import { budgeaPlugin } from '@auth/budgea';
import { AuthError, authorizedFetch, createRegistry } from '@auth/core';
import { type FinicityProvider, finicityPlugin } from '@auth/finicity';
import { type ArgumentsHost, Catch, Controller, type ExceptionFilter, Get, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const AGGREGATOR = Symbol('AGGREGATOR');
let ended = 0;

const aggregator = (): FinicityProvider => createRegistry([finicityPlugin]).fromEnv({ ...process.env, AUTH_PROVIDER: 'finicity' });

@Controller()
class Banks {
  readonly #aggregator: FinicityProvider;

  constructor(@Inject(AGGREGATOR) aggregator: FinicityProvider) {
    this.#aggregator = aggregator;
  }

  @Get('banks')
  async banks(): Promise<unknown> {
    const response = await authorizedFetch(this.#aggregator.application)('institution/v2/institutions?limit=1');
    return response.json();
  }

  @Get('stranger')
  stranger(): Promise<unknown> {
    return authorizedFetch(this.#aggregator.application)('https://stranger.example/');
  }
}

@Catch(AuthError)
class AuthErrors implements ExceptionFilter<AuthError> {
  catch({ code, retryable }: AuthError, host: ArgumentsHost): void {
    host
      .switchToHttp()
      .getResponse()
      .status(retryable ? 503 : 500)
      .json({ code });
  }
}

@Module({
  controllers: [Banks],
  providers: [
    { provide: AGGREGATOR, useFactory: aggregator },
    {
      provide: 'AGGREGATOR_END',
      inject: [AGGREGATOR],
      useFactory: (provider: FinicityProvider) => ({
        onApplicationShutdown: async () => {
          await provider[Symbol.asyncDispose]();
          ended += 1;
        },
      }),
    },
  ],
})
class Application {}

const main = async (): Promise<void> => {
  // The compiler knows what these are, and refuses what they are not.
  const registry = createRegistry([finicityPlugin, budgeaPlugin]);
  // @ts-expect-error There is no such vendor.
  const wrong = (): unknown => registry.create({ provider: 'finicty', options: {} });
  // @ts-expect-error Finicity has no codes.
  const missing = (): unknown => aggregator().codes;

  const { expect } = await import('../../shared/expect.js');
  const { sandboxAt } = await import('../../shared/sandbox.js');
  const { run } = await import('../../shared/steps.js');
  const sandbox = sandboxAt(process.env['FINICITY_BASE_URL']);
  const application = await NestFactory.create(Application, { logger: false });
  application.useGlobalFilters(new AuthErrors());
  application.enableShutdownHooks();
  await application.listen(0, '127.0.0.1');
  const url = await application.getUrl();
  const get = async (path: string): Promise<{ status: number; body: { institutions?: unknown[]; code?: string } }> => {
    const response = await fetch(`${url}/${path}`);
    return { status: response.status, body: (await response.json()) as { institutions?: unknown[]; code?: string } };
  };

  await run({
    'it was compiled to CommonJS': () => expect(typeof require === 'function' && typeof module === 'object', 'It is a module.'),
    'twenty requests at once cause one request for a token': async () => {
      const past = await sandbox.calls();
      const answers = await Promise.all(Array.from({ length: 20 }, () => get('banks')));
      expect(
        answers.every(({ status, body }) => status === 200 && body.institutions?.length === 1),
        `They were answered ${answers.map(({ status }) => status)}.`,
      );
      const { length } = await sandbox.since(past, '/aggregation/v2/partners/authentication');
      expect(length === 1, `There were ${length} requests for a token.`);
    },
    'an exception filter catches an AuthError by its class': async () => {
      const { status, body } = await get('stranger');
      expect(status === 500 && body.code === 'foreign_origin', `It was answered ${status} with ${JSON.stringify(body)}.`);
    },
    'what the compiler refuses is refused when it runs': () => {
      const errors = [wrong, missing].map((make) => {
        try {
          return make();
        } catch (error) {
          return error;
        }
      });
      expect(AuthError.is(errors[0], 'misconfigured') && errors[1] === undefined, `There was ${errors}.`);
    },
    'the application ends its provider': async () => {
      await application.close();
      expect(ended === 1, `It was ended ${ended} times.`);
    },
  });
};

main();
