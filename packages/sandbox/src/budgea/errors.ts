/** The dialect of the API: the Budgea documentation of 2019, or Powens today. */
export type BudgeaProfile = '2019' | 'powens';

/** The error codes that no source documents. All of these defaults are invented; the statuses beside them are told in `refusals`. */
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
}

/** The codes that no source documents, as they are unless an option says otherwise. */
export const inventedErrorCodes: BudgeaErrorCodes = {
  badToken: 'unauthorized',
  badClient: 'invalid_client',
  badCode: 'invalid_grant',
  notFound: 'notFound',
  badBody: 'badRequest',
};

interface BudgeaError {
  readonly status: number;
  readonly code: string;
  /** For developers. */
  readonly description: string;
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

/** Every refusal of the emulator, to be thrown. */
export interface Refusals {
  readonly missingToken: () => Refusal;
  readonly badToken: () => Refusal;
  readonly badClient: () => Refusal;
  readonly badCode: () => Refusal;
  readonly forbidden: () => Refusal;
  readonly notFound: () => Refusal;
  readonly badBody: () => Refusal;
  readonly methodNotAllowed: () => Refusal;
  readonly missingParameter: (name: string) => Refusal;
  readonly invalidValue: (name: string) => Refusal;
}

/** Statuses: tokens as tabled for the profile; assumptions are that client credentials are refused like tokens, and codes with 400. */
export const refusals = (profile: BudgeaProfile, codes: BudgeaErrorCodes): Refusals => {
  const refusal = (status: number, code: string, description: string): Refusal => new Refusal({ status, code, description });
  const unauthenticated = profile === '2019' ? 403 : 401;
  return {
    missingToken: () => refusal(unauthenticated, codes.badToken, 'A Bearer token is required.'),
    badToken: () => refusal(unauthenticated, codes.badToken, 'The token is not valid.'),
    badClient: () => refusal(unauthenticated, codes.badClient, 'The client credentials are not valid.'),
    badCode: () => refusal(400, codes.badCode, 'The code is not known, has expired or was used.'),
    forbidden: () => refusal(403, 'forbidden', 'The token does not allow this.'),
    notFound: () => refusal(404, codes.notFound, 'No such resource.'),
    badBody: () => refusal(400, codes.badBody, 'The body cannot be read.'),
    methodNotAllowed: () => refusal(405, 'methodNotAllowed', 'No such method here.'),
    missingParameter: (name) => refusal(400, 'missingParameter', `Missing parameter: ${name}`),
    invalidValue: (name) => refusal(400, 'invalidValue', `Invalid value: ${name}`),
  };
};

/** The body of an error. Powens numbers its requests and keeps `message` for what the bank says to the end user. */
export const errorBody = (profile: BudgeaProfile, { code, description }: BudgeaError, requestId: number): object =>
  profile === '2019' ? { code, message: description } : { code, description, message: null, request_id: requestId };
