import type { AuthErrorCode } from '@auth/core';

/** What somebody who runs a product does about each failure. */
export const advice = {
  misconfigured: 'Mend the settings that the message names.',
  invalid_credentials: 'Put the secret right. It is not tried again until it changes.',
  locked: 'Have the vendor unlock the account, then put the secret right.',
  attempts_exhausted: 'Put the secret right and lift the guard. No secret is tried until then.',
  invalid_token: 'Ask for another token or code.',
  reconnect_required: 'Send the user to the bank again: reconnect.',
  forbidden: 'Look at the plan and the scopes at the vendor.',
  region_blocked: 'Call from a country that the vendor serves.',
  not_found: 'The user or connection is gone at the vendor. Disconnect, or connect again.',
  conflict: 'Something of this name, or in this state, is there already. Look at what is there.',
  rate_limited: 'Wait as long as the vendor asked for.',
  invalid_request: 'Mend what was entered.',
  invalid_response: 'Check the base URL and the versions.',
  unavailable: 'Wait: it is tried again by itself.',
  timeout: 'Try again.',
  outcome_unknown: 'Find out whether it happened before you repeat it.',
  aborted: 'Repeat it: the provider was changed meanwhile.',
  foreign_origin: 'Use a plain fetch for other hosts.',
  state_mismatch: 'Start again from this browser.',
  consent_denied: 'Start again whenever you like.',
  store_unavailable: 'Bring the store back. Calls go on without it.',
  contract_mismatch: 'Install matching versions.',
} satisfies Record<AuthErrorCode, string>;
