/** An error as it appears on the wire. The services of this vendor do not agree on one shape. */
export type FinicityError =
  /** A code and a message, as JSON or XML, whichever is asked for. A code in quotes is documented as a text. */
  | { readonly as: 'flat'; readonly status: number; readonly code: number | string; readonly message: string }
  /** This JSON, whatever is asked for. */
  | { readonly as: 'json'; readonly status: number; readonly code: string; readonly body: object }
  /** This XML, whatever is asked for. */
  | { readonly as: 'xml'; readonly status: number; readonly code: string; readonly body: string }
  | { readonly as: 'text'; readonly status: number; readonly body: string }
  | { readonly as: 'empty'; readonly status: number };

/** The vendor's errors, for faults. More will come. */
export type FinicityErrorName =
  | 'missingAppKey'
  | 'missingAppKeyWebhook'
  | 'invalidAppKeyText'
  | 'invalidAppKey10027'
  | 'invalidAppKeyErrorCode'
  | 'invalidAppKeyThrottled'
  | 'missingParameter'
  | 'missingParameterOldShape'
  | 'badRequest'
  | 'invalidCredentials'
  | 'notAuthorized'
  | 'unknownPartner'
  | 'unknownPartnerAs500'
  | 'locked'
  | 'lockedAs401'
  | 'secretAgainstPolicy'
  | 'regionBlocked'
  | 'maintenance'
  | 'missingToken'
  | 'invalidToken'
  | 'invalidTokenConnect'
  | 'invalidTokenConsent'
  | 'expiredToken'
  | 'expiredTokenConnect'
  | 'expiredTokenComponents'
  | 'expiredTokenWebhook'
  | 'notOnThisPlan'
  | 'throttled'
  | 'throttledMicroEntries'
  | 'productNotEnabled'
  | 'securityFreeze'
  | 'notAcceptable'
  | 'notAcceptableAsXml'
  | 'timedOut'
  | 'resourceNotFound'
  | 'customerNotFound'
  | 'institutionNotFound'
  | 'connectPartnerNotFound'
  | 'usernameTaken'
  | 'usernameAgainstPolicy'
  | 'invalidCharacterInName'
  | 'invalidCustomerType'
  | 'invalidStart'
  | 'invalidLimit'
  | 'accountTypeNotSupported'
  | 'connectInvalidPartner';

/** Rejects a request with the vendor's error; the app turns it into the representation that was asked for. */
export class Refusal extends Error {
  readonly error: FinicityError;

  constructor(error: FinicityError) {
    super('The emulated vendor refuses the request.');
    this.name = 'Refusal';
    this.error = error;
  }
}

const flat = (status: number, code: number | string, message: string): FinicityError => ({ as: 'flat', status, code, message });

const empty = (status: number): FinicityError => ({ as: 'empty', status });

/** The code and the status as texts, with a sentence for the person in front of the screen. */
const fused = (status: number, code: string, message: string, more: object): FinicityError => ({
  as: 'json',
  status,
  code,
  body: { code, status: String(status), message, ...more },
});

/** `{ errorCode, message }`, where the status is the code. */
const numbered = (status: number, message: string): FinicityError => ({
  as: 'json',
  status,
  code: String(status),
  body: { errorCode: status, message },
});

const webhookError = (reasonCode: number, description: string): FinicityError => ({
  as: 'json',
  status: 401,
  code: String(reasonCode),
  body: { Errors: { Error: [{ source: 'Event Subscription Service', reasonCode, description, recoverable: false, details: null }] } },
});

const componentsError = (ReasonCode: number, Description: string): FinicityError => ({
  as: 'json',
  status: 401,
  code: String(ReasonCode),
  body: { Errors: { Error: [{ Source: 'Connect-Components', ReasonCode, Description, Recoverable: false, Details: Description }] } },
});

/** A field that Connect does not take. */
export const connectField = (message: string): FinicityError =>
  fused(400, '10010', message, {
    user_message: 'One or more of the fields could not be validated. Please ensure you have entered the correct data.',
    tags: '',
  });
/** A field that is missing or blank. */
export const missingField = (name: string): FinicityError => flat(400, 10005, `Missing parameter (${name})`);
/** A customer id that cannot be one, where a customer is deleted. */
export const invalidCustomerId = (id: string): FinicityError => flat(400, 14023, `Invalid customer id. customerId = ${id}`);

/** Every documented error, in the words of the US. `errorReply` says them in the words of the region. */
export const errors: Readonly<Record<FinicityErrorName, FinicityError>> = {
  missingAppKey: flat(401, 10026, 'Missing parameter (Finicity-App-Key)'),
  missingAppKeyWebhook: webhookError(1504, 'Missing parameter (App-Key)'),
  invalidAppKeyText: { as: 'text', status: 401, body: 'Invalid (Finicity-App-Key)' },
  invalidAppKey10027: flat(401, 10027, 'Invalid parameter (Finicity-App-Key)'),
  invalidAppKeyErrorCode: numbered(401, 'Invalid Finicity-App-Key'),
  invalidAppKeyThrottled: empty(429),

  missingParameter: missingField('partnerId'),
  missingParameterOldShape: connectField('"partnerId" is required'),
  badRequest: flat(400, 14020, 'Bad request.'),

  invalidCredentials: flat(401, 10001, 'Invalid credentials'),
  notAuthorized: flat(401, 10021, 'You are not authorized.'),
  unknownPartner: flat(404, 12401, 'partner not found'),
  // The Australian list of errors has this code with another status.
  unknownPartnerAs500: flat(500, 12401, 'partner not found'),
  // The error pages show the lock as 500, the specification as 401.
  locked: flat(500, 24302, "For your security, we've locked your account. Please reset your password to continue."),
  lockedAs401: flat(401, 24302, 'Bad credentials'),
  secretAgainstPolicy: flat(400, 24437, 'New password is not as per policy'),
  regionBlocked: empty(403),
  maintenance: empty(503),

  missingToken: flat(401, 10024, 'Missing parameter (Finicity-App-Token)'),
  invalidToken: flat(401, 10022, 'Invalid (Finicity-App-Token)'),
  invalidTokenConnect: fused(401, '10022', 'Invalid authorization credentials', {
    user_message: 'The session has expired or is invalid',
    tags: '',
  }),
  invalidTokenConsent: fused(401, '10022', 'Invalid (App-Token)', { user_message: '' }),
  expiredToken: flat(401, 10023, 'Expired (Finicity-App-Token)'),
  expiredTokenConnect: fused(401, '10023', 'Expired (Finicity-App-Token)', {
    user_message: 'Your connection timed out due to inactivity. Please log in again to complete your account linking.',
  }),
  expiredTokenComponents: componentsError(10023, 'Expired (Finicity-App-Token)'),
  expiredTokenWebhook: webhookError(1503, 'Expired (App-Token)'),

  notOnThisPlan: empty(401),
  throttled: empty(429),
  throttledMicroEntries: flat(429, 3300001, 'Too many request. Please try after some time'),
  productNotEnabled: numbered(403, 'Partner does not have access to this resource'),
  securityFreeze: fused(403, '10405', 'An active security freeze for this customer exists.', {}),
  notAcceptable: {
    as: 'json',
    status: 406,
    code: '20000',
    body: { code: 20000, status: '406', message: "Only 'application/json' is supported." },
  },
  notAcceptableAsXml: {
    as: 'xml',
    status: 406,
    code: '14025',
    body: '<error><code>14025</code><message>Not Acceptable.: [application/json]</message></error>',
  },
  timedOut: flat(408, 10030, 'Request timed out.'),

  resourceNotFound: flat(404, 14001, 'Resource not found.'),
  customerNotFound: flat(404, 14001, 'Customer not found.'),
  institutionNotFound: flat(404, 14006, 'Institution not found.'),
  connectPartnerNotFound: flat(404, 14003, 'Aggregation connect partner not found.'),
  usernameTaken: flat(409, '110002', 'Username is not available.'),
  usernameAgainstPolicy: flat(400, 110039, 'Username is not as per the policy.'),
  invalidCharacterInName: flat(400, 45003, 'Invalid character in name fields.'),
  invalidCustomerType: flat(400, 14016, 'Invalid customer type.'),
  invalidStart: flat(400, 41003, 'Start index cannot be less than one.'),
  invalidLimit: flat(400, 41004, 'Limit cannot be less than one.'),
  accountTypeNotSupported: flat(400, 14020, 'Bad request. (Account type not supported).'),
  connectInvalidPartner: connectField('Invalid "partnerId" in request body'),
};
