import { styleText } from 'node:util';
import { isLoopback } from '../loopback.ts';
import { jsonReport, type Report, textReport } from './report.ts';
import { ListenError, serve } from './serve.ts';
import { readWords, type ServeOptions, UsageError, usage, version } from './words.ts';

/** Runs the command line until it is told to end. Resolves to the exit code: 2 if it was not understood, 1 if a server could not listen. */
export const run = async (words: readonly string[]): Promise<number> => {
  const ended = theEnd();
  try {
    const asked = readWords(words);
    if (asked === 'help') print(await usage({ colours: hasColours(process.stdout) }));
    else if (asked === 'version') print(version());
    else return await serveUntil(ended, asked);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      complain(`${error.message}\nSee auth-sandbox --help.`);
      return 2;
    }
    if (!(error instanceof ListenError)) throw error;
    complain(error.message);
    return 1;
  }
};

const serveUntil = async (ended: Promise<number>, options: ServeOptions): Promise<number> => {
  const { host, quiet } = options;
  const report = reportOf(options);
  if (!isLoopback(host)) complain(warning(host));
  const { served, close } = await serve(options, (vendor, call) => {
    if (!quiet) print(report.call(vendor, call));
  });
  print(report.listening(served));
  const code = await ended;
  await close();
  return code;
};

const reportOf = ({ vendors, quiet, json }: ServeOptions): Report =>
  json ? jsonReport : textReport({ named: vendors.length > 1, logged: !quiet, colours: hasColours(process.stdout) });

/** The exit code, once a signal comes or nobody reads any more. A second signal of the same kind ends the process at once. */
const theEnd = (): Promise<number> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(0));
    process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code !== 'EPIPE') complain(`Cannot write to the standard output: ${code}.`);
      resolve(code === 'EPIPE' ? 0 : 1);
    });
    // There is nowhere left to complain to.
    process.stderr.on('error', () => undefined);
  });

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const complain = (text: string): void => {
  process.stderr.write(`${hasColours(process.stderr) ? styleText('yellow', text, { validateStream: false }) : text}\n`);
};

/** A terminal knows NO_COLOR itself; what is not a terminal has no such member. */
const hasColours = (stream: NodeJS.WriteStream): boolean => stream.isTTY === true && stream.hasColors();

const warning = (host: string): string =>
  `Warning: on ${host}, everybody on the network can reach the sandbox and its admin API, which asks nobody for a password.`;
