import { annotate } from '../annotate.ts';
import type { Random } from '../random.ts';

/** The dialect of the API: the Budgea documentation of 2019, or Powens today. */
export type BudgeaProfile = '2019' | 'powens';

/** The error codes that no source documents. All of these defaults are invented; the statuses beside them are told in `BudgeaErrorName`. */
export interface BudgeaErrorCodes {
  /** No Bearer token, or one that is not known, has expired or was revoked. Default `unauthorized`. */
  readonly badToken: string;
  /** Wrong client credentials. Default `invalid_client`. */
  readonly badClient: string;
  /** A code that is not known, has expired or was used. Default `invalid_grant`. */
  readonly badCode: string;
  /** No such route or resource. Default `notFound`. */
  readonly notFound: string;
  /** A body that cannot be parsed, or is too long. Default `badRequest`. */
  readonly badBody: string;
  /** More calls than the plan allows. Default `tooManyRequests`. */
  readonly rateLimited: string;
  /** Down for maintenance. Default `serviceUnavailable`. */
  readonly unavailable: string;
}

/** The codes that no source documents, as they are unless an option says otherwise. */
export const inventedErrorCodes: BudgeaErrorCodes = {
  badToken: 'unauthorized',
  badClient: 'invalid_client',
  badCode: 'invalid_grant',
  notFound: 'notFound',
  badBody: 'badRequest',
  rateLimited: 'tooManyRequests',
  unavailable: 'serviceUnavailable',
};

/**
 * The vendor's errors, for faults. Tokens have the statuses that are documented for the profile (in 2019 403, today 401), and so have
 * `forbidden`, `notFound`, `wrongpass`, `websiteUnavailable`, `dataError`, `conflict`, `bug` and `unavailable`. Assumptions: client
 * credentials are refused like tokens, a locked connection is 409, a key manager that fails 500, and all others are 400.
 */
export type BudgeaErrorName =
  | 'missingToken'
  | 'badToken'
  | 'badClient'
  | 'badCode'
  /** A wrong password at the login of 2019. */
  | 'authFailure'
  | 'forbidden'
  | 'notFound'
  | 'methodNotAllowed'
  | 'missingParameter'
  | 'invalidValue'
  | 'badRedirectUri'
  | 'badBody'
  /** 409: the resource is not in a state for this. */
  | 'conflict'
  | 'noAccount'
  | 'wrongpass'
  | 'websiteUnavailable'
  | 'tooManySync'
  | 'connectionLocked'
  | 'bankMessage'
  | 'actionNeeded'
  | 'rateLimiting'
  | 'notSupported'
  | 'config'
  | 'keymanager'
  | 'dataError'
  | 'bug'
  /** 429: more calls than the plan allows. */
  | 'rateLimited'
  /** 503: maintenance. */
  | 'unavailable'
  /** The page, not JSON, of the CDN in front of the vendor; status 503. */
  | 'cloudfront';

interface BudgeaError {
  readonly status: number;
  readonly code: string;
  /** For developers. */
  readonly description: string;
  /** What the bank says to the end user. */
  readonly message?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Rejects a request with the vendor's error; the app gives it the profile's shape. */
export class Refusal extends Error {
  readonly error: BudgeaError;

  constructor(error: BudgeaError) {
    super(error.description);
    this.name = 'Refusal';
    this.error = error;
  }
}

/** Every refusal of the emulator but the CDN's page, to be thrown. `detail` is the parameter's name where one is at fault. */
export type Refusals = Readonly<Record<Exclude<BudgeaErrorName, 'cloudfront'>, (detail?: string) => Refusal>>;

interface Entry extends Omit<BudgeaError, 'status'> {
  /** One for both profiles, or that of 2019 and that of today. */
  readonly status: number | readonly [number, number];
  /** The detail comes after the description. */
  readonly named?: true;
}

const UNAUTHENTICATED = [403, 401] as const;

const tableOf = (codes: BudgeaErrorCodes): Readonly<Record<keyof Refusals, Entry>> => ({
  missingToken: { status: UNAUTHENTICATED, code: codes.badToken, description: 'A Bearer token is required.' },
  badToken: { status: UNAUTHENTICATED, code: codes.badToken, description: 'The token is not valid.' },
  badClient: { status: UNAUTHENTICATED, code: codes.badClient, description: 'The client credentials are not valid.' },
  badCode: { status: 400, code: codes.badCode, description: 'The code is not known, has expired or was used.' },
  authFailure: { status: UNAUTHENTICATED, code: 'authFailure', description: 'Wrong password' },
  forbidden: { status: 403, code: 'forbidden', description: 'The token does not allow this.' },
  notFound: { status: 404, code: codes.notFound, description: 'No such resource.' },
  methodNotAllowed: { status: 405, code: 'methodNotAllowed', description: 'No such method here.' },
  missingParameter: { status: 400, code: 'missingParameter', description: 'Missing parameter', named: true },
  invalidValue: { status: 400, code: 'invalidValue', description: 'Invalid value', named: true },
  badRedirectUri: {
    status: 400,
    code: 'invalidValue',
    description: "Invalid 'redirect_uri', the parameter must match the constraints defined in the administration console.",
  },
  badBody: { status: 400, code: codes.badBody, description: 'The body cannot be read.' },
  conflict: { status: 409, code: 'invalidValue', description: 'The resource is in another state.' },
  noAccount: { status: 400, code: 'noAccount', description: 'No account was found.' },
  wrongpass: { status: 400, code: 'wrongpass', description: 'Wrong password.', message: 'The bank does not know this login and password.' },
  websiteUnavailable: { status: 400, code: 'websiteUnavailable', description: 'The website of the bank does not answer.' },
  tooManySync: { status: 400, code: 'tooManySync', description: "Can't force synchronization of connection" },
  connectionLocked: { status: 409, code: 'connectionLocked', description: 'The connection is synchronized at this moment.' },
  bankMessage: { status: 400, code: 'bankMessage', description: 'The bank has a message.', message: 'Please call your adviser.' },
  actionNeeded: { status: 400, code: 'actionNeeded', description: 'The user has to act.', message: 'Please accept our new terms.' },
  rateLimiting: { status: 400, code: 'rateLimiting', description: 'The bank takes no more calls for now.' },
  notSupported: { status: 400, code: 'notSupported', description: 'This is not supported.' },
  config: { status: 400, code: 'config', description: 'The configuration does not allow this.' },
  keymanager: { status: 500, code: 'keymanager', description: 'The key manager failed.' },
  dataError: { status: 500, code: 'dataError', description: 'The data cannot be stored.' },
  bug: { status: 500, code: 'bug', description: 'Internal error.' },
  rateLimited: { status: 429, code: codes.rateLimited, description: 'Too many calls.' },
  unavailable: { status: 503, code: codes.unavailable, description: 'Down for maintenance.' },
});

/** The refusals with the statuses of a profile. */
export const refusals = (profile: BudgeaProfile, codes: BudgeaErrorCodes): Refusals => {
  const refusal = ({ status, named, description, ...rest }: Entry, detail: string | undefined): Refusal => {
    const [then, now] = typeof status === 'number' ? [status, status] : status;
    const text = named && detail !== undefined ? `${description}: ${detail}` : description;
    return new Refusal({ ...rest, status: profile === '2019' ? then : now, description: text });
  };
  return mapped(tableOf(codes), (entry) => (detail) => refusal(entry, detail));
};

/** Makes the answer to a refused request, in the profile's shape. Powens numbers its requests. */
export const errorResponses =
  (profile: BudgeaProfile, random: Random): ((request: Request, refusal: Refusal) => Response) =>
  (request, { error: { status, code, description, message, headers = {} } }) => {
    annotate(request, code);
    const today = { code, description, message: message ?? null, request_id: Math.floor(random() * 2 ** 31) };
    return Response.json(profile === '2019' ? { code, message: description } : today, { status, headers: new Headers(headers) });
  };

/** Every error as the answer that a request would get. */
export const errorsOf = (
  refuse: Refusals,
  answer: (request: Request, refusal: Refusal) => Response,
): Readonly<Record<BudgeaErrorName, (request: Request) => Response>> => ({
  ...mapped(refuse, (refusal) => (request: Request) => answer(request, refusal())),
  cloudfront: (request) => {
    annotate(request, 'cloudfront');
    return cdnPage();
  },
});

const cdnPage = (): Response =>
  new Response(
    '<!DOCTYPE html><html><head><title>ERROR: The request could not be satisfied</title></head>' +
      '<body><h1>503 ERROR</h1><hr>The origin did not answer.<hr>Generated by cloudfront (CloudFront)</body></html>\n',
    { status: 503, headers: { 'content-type': 'text/html', server: 'CloudFront', 'x-cache': 'Error from cloudfront' } },
  );

const mapped = <Name extends string, From, To>(record: Readonly<Record<Name, From>>, convert: (from: From) => To): Record<Name, To> =>
  // `Object.entries` forgets the names: these are all of the record's, each with a value of its own.
  Object.fromEntries(Object.entries<From>(record).map(([name, from]) => [name, convert(from)])) as Record<Name, To>;
