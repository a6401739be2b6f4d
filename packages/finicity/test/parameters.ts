/** Every detail of a customer that the vendor knows. */
export const DETAILS = { firstName: 'A', lastName: 'B', phone: '1-801-984-4200', email: 'a@example.com', applicationId: '00278431' };

/** Every option of a Connect page. */
export const PAGE = {
  experience: 'default',
  language: 'fr',
  singleUseUrl: true,
  webhook: 'https://app.example/events',
  webhookContentType: 'application/json',
  webhookData: { order: '17' },
  webhookHeaders: { 'x-order': '17' },
  isHostedInMobileApp: false,
  isWebView: true,
} as const;

/** The parameters of reports that are sent as they are. */
export const REPORT = {
  consumerId: '0bf46322c167b562e6cbed9d40e19a4c',
  reportCustomFields: [{ label: 'loanID', value: '123456', shown: false }],
  institutionSettings: { '102105': 'hidden' },
} as const;
