/** What `createToken` sends. */
export interface PartnerCredentials {
  /** Default: the provider's. */
  readonly partnerId?: string | undefined;
  readonly partnerSecret: string;
}

/** What `modifyPartnerSecret` sends. */
export interface PartnerCredentialsWithNewSecret extends PartnerCredentials {
  /** 12 to 255 letters, digits and `!@#$%&*_-+`, with at least one letter and one digit. */
  readonly newPartnerSecret: string;
  /** `true`, the vendor's default, ends the old secret at once; `false` keeps it for 30 days. */
  readonly immediate?: boolean | undefined;
}

/** Optional details of a new customer. */
export interface CustomerDetails {
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  /** At most 15 characters. */
  readonly phone?: string | undefined;
  readonly email?: string | undefined;
  /** The id of one of your registered applications, if you have several. It cannot be changed later. */
  readonly applicationId?: string | undefined;
}

/** What `addCustomer` and `addTestingCustomer` send. */
export interface NewCustomer extends CustomerDetails {
  /** 6 to 255 letters, digits and `!@.#$%&*_-+`, never used before: a username from Test Drive cannot be used on another plan. */
  readonly username: string;
}

/** Which part of a list. */
export interface Paging {
  /** Where to start, from 1: the position of a customer, or the number of a page of institutions. */
  readonly start?: number | undefined;
  /** Entries per page: 1 to 1000, by default 25. */
  readonly limit?: number | undefined;
}

/** Which customers. */
export interface CustomerFilter {
  /** Exactly this username. */
  readonly username?: string | undefined;
  /** A part of the username, or of first and last name together. */
  readonly search?: string | undefined;
  readonly type?: 'testing' | 'active' | undefined;
}

/** Which accounts. */
export interface AccountFilter {
  /** Such as `pending` or `active`. */
  readonly status?: string | undefined;
  /** Finicity accepts only `ava`. */
  readonly accountType?: string | undefined;
}

/** Which institutions. */
export interface InstitutionFilter {
  /** A name; similar names are found too. */
  readonly search?: string | undefined;
  /** Only institutions that are certified for this product. */
  readonly type?: 'transAgg' | 'ach' | 'stateAgg' | 'voi' | 'voa' | 'aha' | 'availBalance' | 'accountOwner' | undefined;
  /** `*` (default), or two-letter country codes separated by commas: `us,ca`. */
  readonly supportedCountries?: string | undefined;
}

/** How a Connect page looks, and where its events go. */
export interface ConnectPageParameters {
  /** `default` or the GUID of an experience that Finicity set up for you: brand, banks, reports. Without it: no brand, no report. */
  readonly experience?: string | undefined;
  /** English if left out. */
  readonly language?: 'es' | 'fr' | (string & {}) | undefined;
  /** Whether the link expires with the first session that completes. Overrides the setting of the experience. */
  readonly singleUseUrl?: boolean | undefined;
  /** A public URL that receives the events of the session, which are signed with the partner secret. */
  readonly webhook?: string | undefined;
  readonly webhookContentType?: 'application/json' | 'application/xml' | undefined;
  /** Comes back in every event. */
  readonly webhookData?: Readonly<Record<string, unknown>> | undefined;
  /** Comes back in the headers of every event. */
  readonly webhookHeaders?: Readonly<Record<string, string>> | undefined;
  /** Whether the page is shown inside a mobile app, without the vendor's SDK. */
  readonly isHostedInMobileApp?: boolean | undefined;
  /** Older form of `isHostedInMobileApp`. Needs a redirect URI. */
  readonly isWebView?: boolean | undefined;
}

/** What goes into the reports of a session. */
export interface ConnectReportParameters {
  readonly consumerId?: string | undefined;
  /** When the transactions of a report start, in epoch milliseconds. */
  readonly fromDate?: number | undefined;
  /** At most five. `shown` says whether the PDF has the field, by default yes. */
  readonly reportCustomFields?:
    | readonly { readonly label: string; readonly value: string; readonly shown?: boolean | undefined }[]
    | undefined;
  /** `ssn`: nine digits without hyphens. `dob`: the start of the day of birth, in epoch milliseconds. */
  readonly optionalConsumerInfo?: { readonly ssn: string; readonly dob?: number | undefined } | undefined;
  /** Which banks are offered. */
  readonly institutionSettings?: Readonly<Record<string, unknown>> | undefined;
}

/** Whose page, and where it returns to. */
export interface ConnectLinkParameters extends ConnectPageParameters {
  /** Default: the provider's. */
  readonly partnerId?: string | undefined;
  readonly customerId: string;
  /** Needed unless the page is in an iframe. */
  readonly redirectUri?: string | undefined;
}

/** What `generateConnectUrl` sends. */
export interface ConnectParameters extends ConnectLinkParameters, ConnectReportParameters {}

/** What `generateLiteConnectUrl` sends. */
export interface LiteConnectParameters extends ConnectLinkParameters {
  readonly institutionId: string;
}

/** What `generateFixConnectUrl` sends. */
export interface FixConnectParameters extends ConnectLinkParameters {
  /** The `institutionLoginId` of an account of this customer. */
  readonly institutionLoginId: string;
}
