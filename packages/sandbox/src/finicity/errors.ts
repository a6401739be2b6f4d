/** An error as the vendor words it. */
export interface FinicityError {
  readonly status: 400 | 401 | 404 | 500;
  readonly code: number;
  readonly message: string;
}

/** Rejects a request with the vendor's error; the app turns it into the representation that was asked for. */
export class Refusal extends Error {
  readonly error: FinicityError;

  constructor(error: FinicityError) {
    super(error.message);
    this.name = 'Refusal';
    this.error = error;
  }
}

/** No app key, on any path. */
export const missingAppKey: FinicityError = { status: 401, code: 10026, message: 'Missing parameter (Finicity-App-Key)' };
/** An unknown app key, in the JSON of the newer services. */
export const invalidAppKey: FinicityError = { status: 401, code: 10027, message: 'Invalid parameter (Finicity-App-Key)' };
/** No app token where one is needed. */
export const missingToken: FinicityError = { status: 401, code: 10024, message: 'Missing parameter (Finicity-App-Token)' };
/** An app token that was never issued to this partner. */
export const invalidToken: FinicityError = { status: 401, code: 10022, message: 'Invalid (Finicity-App-Token)' };
/** An app token beyond its two hours. */
export const expiredToken: FinicityError = { status: 401, code: 10023, message: 'Expired (Finicity-App-Token)' };

/** A body that cannot be read. */
export const badRequest: FinicityError = { status: 400, code: 14020, message: 'Bad request.' };
/** A field that is missing or blank. */
export const missingField = (name: string): FinicityError => ({ status: 400, code: 10005, message: `Missing parameter (${name})` });
/** A wrong secret. */
export const invalidCredentials: FinicityError = { status: 401, code: 10001, message: 'Invalid credentials' };
/** A partner ID that nobody has. */
export const unknownPartner: FinicityError = { status: 404, code: 12401, message: 'partner not found' };
/** A new secret that breaks the policy. */
export const secretAgainstPolicy: FinicityError = { status: 400, code: 24437, message: 'New password is not as per policy' };
/** The lock as the error pages describe it, and as the API's specification does. */
export const locked: Readonly<Record<500 | 401, FinicityError>> = {
  500: { status: 500, code: 24302, message: "For your security, we've locked your account. Please reset your password to continue." },
  401: { status: 401, code: 24302, message: 'Bad credentials' },
};

/** An unknown path. */
export const resourceNotFound: FinicityError = { status: 404, code: 14001, message: 'Resource not found.' };
/** An unknown institution. */
export const institutionNotFound: FinicityError = { status: 404, code: 14006, message: 'Institution not found.' };
