import type { ClientApplication, ClientApplications } from './client-applications.ts';
import type { Refusals } from './errors.ts';
import type { Fields } from './fields.ts';
import { basicCredentials } from './request.ts';

/** What client credentials are checked against. */
interface ClientCheck {
  readonly clients: ClientApplications;
  readonly refuse: Refusals;
}

/** The client whose credentials are among the fields. */
export const clientOfFields = (fields: Fields, options: ClientCheck): ClientApplication =>
  clientBy(fields.required('client_id'), fields.required('client_secret'), options);

/** The client whose credentials are in HTTP Basic or, without that, among the fields. */
export const clientOfRequest = (request: Request, fields: Fields, options: ClientCheck): ClientApplication => {
  const basic = basicCredentials(request);
  return basic === undefined ? clientOfFields(fields, options) : clientBy(basic.clientId, basic.clientSecret, options);
};

/** Refuses another grant type than the only one; it need not be sent. */
export const checkGrantType = (fields: Fields, only: string, refuse: Refusals): void => {
  if ((fields.text('grant_type') ?? only) !== only) throw refuse.invalidValue('grant_type');
};

const clientBy = (clientId: string, clientSecret: string, { clients, refuse }: ClientCheck): ClientApplication => {
  const client = clients.authenticated(clientId, clientSecret);
  if (client === undefined) throw refuse.badClient();
  return client;
};
