import type { BudgeaAccount, BudgeaConnection, ConnectionError } from './connection-state.ts';
import type { Connector, Connectors } from './connectors.ts';
import type { BudgeaProfile } from './errors.ts';
import type { Expand } from './expand.ts';
import { parisTime } from './paris-time.ts';

const DAY = 86_400_000;

/** How connections are shown. */
export interface ConnectionView {
  readonly profile: BudgeaProfile;
  readonly connectors: Connectors;
}

/** A connection as the profile shows it, with what `expand` asks for. */
export const connectionView = (connection: BudgeaConnection, expand: Expand, { profile, connectors }: ConnectionView): object => {
  const connector = connectors.find(String(connection.connectorId));
  const inner = connector === undefined ? null : connectors.represented(connector, expand.get('connector'));
  return {
    ...(profile === '2019' ? view2019(connection) : viewToday(connection, connector)),
    ...(expand.has('connector') && { connector: inner }),
    ...expanded(connection, expand),
  };
};

const view2019 = (connection: BudgeaConnection): object => ({
  id: connection.id,
  id_user: connection.userId,
  id_connector: connection.connectorId,
  last_update: time(connection.updatedAt),
  error: connection.error,
  error_message: connection.errorMessage,
  expire: null,
  active: connection.active,
  last_push: time(connection.updatedAt),
  next_try: nextTry(connection),
});

const viewToday = (connection: BudgeaConnection, connector: Connector | undefined): object => ({
  id: connection.id,
  id_user: connection.userId,
  id_connector: connection.connectorId,
  connector_uuid: connector?.uuid ?? null,
  id_bank: connection.connectorId,
  id_provider: connection.connectorId,
  state: connection.error,
  error: connection.error,
  error_message: connection.errorMessage,
  fields: connection.error === null ? null : (PROMPTED[connection.error] ?? null),
  last_update: time(connection.updatedAt),
  created: time(connection.createdAt),
  active: connection.active,
  last_push: time(connection.updatedAt),
  expire: null,
  next_try: nextTry(connection),
});

const expanded = (connection: BudgeaConnection, expand: Expand): object => {
  const shown = connection.accounts.map((account) => ({ account, view: accountView(account, connection) }));
  return {
    ...(expand.has('accounts') && { accounts: shown.filter(({ account }) => account.disabledAt === null).map(({ view }) => view) }),
    ...(expand.has('all_accounts') && { all_accounts: shown.map(({ view }) => view) }),
    ...(expand.has('subscriptions') && { subscriptions: [] }),
    ...(expand.has('all_subscriptions') && { all_subscriptions: [] }),
    ...(expand.has('sources') && { sources: [sourceView(connection)] }),
  };
};

/** Assumption: every connection has one source, whose id is that of the connection. */
const sourceView = (connection: BudgeaConnection): object => ({
  id: connection.id,
  id_connection: connection.id,
  id_connector_source: connection.connectorId,
  name: connection.source,
  state: connection.error,
  fields: null,
  access: null,
  last_update: time(connection.updatedAt),
  created: time(connection.createdAt),
  disabled: null,
  expire: null,
});

/** An account of a connection. */
export const accountView = (account: BudgeaAccount, { id, userId, updatedAt, connectorId }: BudgeaConnection): object => ({
  id: account.id,
  id_connection: id,
  id_user: userId,
  id_source: id,
  id_parent: null,
  number: account.number,
  original_name: account.name,
  name: account.name,
  balance: account.balance,
  coming: null,
  display: true,
  last_update: time(updatedAt),
  deleted: null,
  disabled: time(account.disabledAt),
  iban: account.iban,
  currency: { id: 'EUR', symbol: '€', prefix: false, crypto: false, precision: 2, marketcap: null, datetime: null, name: 'Euro' },
  type: account.type,
  id_type: account.type === 'checking' ? 2 : 3,
  bookmarked: 0,
  error: null,
  usage: account.usage,
  ownership: 'owner',
  company_name: null,
  loan: null,
  id_bank: connectorId,
});

const time = (at: number | null): string | null => (at === null ? null : parisTime(at));

const nextTry = ({ active, error, updatedAt }: BudgeaConnection): string | null =>
  active && error === null && updatedAt !== null ? parisTime(updatedAt + DAY) : null;

const field = (name: string, type: string, label: string): object => ({
  name,
  type,
  label,
  required: true,
  regex: null,
  values: null,
  auth_mechanisms: ['credentials'],
  connector_sources: ['directaccess'],
});

/** What the user is asked for in these states. */
const PROMPTED: Partial<Record<ConnectionError, readonly object[]>> = {
  additionalInformationNeeded: [field('otp', 'text', 'Code')],
  wrongpass: [field('password', 'password', 'Password')],
  passwordExpired: [field('password', 'password', 'Password')],
};
