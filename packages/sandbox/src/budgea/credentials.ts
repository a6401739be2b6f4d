import type { ConnectionRouteOptions } from './connection-options.ts';
import type { BudgeaConnection, ConnectionChanges, ConnectionError } from './connection-state.ts';
import { connectorOf, sourceOf } from './connector-choice.ts';
import type { Refusals } from './errors.ts';
import type { Fields } from './fields.ts';

/** Adds a connection from the fields of a request; one of the bank's own pages is still to be passed where the connector says so. */
export const addConnection = (userId: number, fields: Fields, origin: string, options: ConnectionRouteOptions): BudgeaConnection => {
  const { connections, connectors, refuse, bankUrl } = options;
  const connector = connectorOf(connectors, fields.text, refuse);
  const source = sourceOf(fields.text('source'), refuse);
  if (connector.authMechanism === 'webauth') {
    const added = connections.create(userId, {
      connectorId: connector.id,
      source: source ?? 'openapi',
      error: 'webauthRequired',
    });
    return connections.update(added, { errorMessage: `Redirecting to ${bankUrl(origin, added)}` });
  }
  fields.required('login');
  const error = outcome(fields.required('password'), refuse);
  return connections.create(userId, { connectorId: connector.id, source, error });
};

/** Changes a connection as the fields of a request ask. */
export const updateConnection = (
  connection: BudgeaConnection,
  fields: Fields,
  origin: string,
  { connections, refuse, bankUrl }: ConnectionRouteOptions,
): BudgeaConnection => {
  const active = fields.flag('active');
  const password = fields.text('password') ?? '';
  const activity: ConnectionChanges = active === undefined ? {} : { active };
  if (password !== '') {
    if (isWrong(password)) {
      connections.update(connection, { error: 'wrongpass' });
      throw refuse.wrongpass();
    }
    return connections.update(connection, { ...activity, error: outcome(password, refuse) });
  }
  if (fields.flag('refresh_auth') && connection.source === 'openapi') {
    const errorMessage = `Redirecting to ${bankUrl(origin, connection)}`;
    return connections.update(connection, { ...activity, error: 'webauthRequired', errorMessage });
  }
  return connections.update(connection, isSettled(connection, fields) ? { ...activity, error: null } : activity);
};

const isSettled = ({ error }: BudgeaConnection, fields: Fields): boolean => {
  if (error === 'additionalInformationNeeded') return (fields.text('otp') ?? '') !== '';
  return error === 'decoupled' && fields.flag('resume') === true;
};

const isWrong = (password: string): boolean => password === 'wrong' || password === 'wrongpass';

/** The scenarios of the emulator: `wrong` is refused, and the name of a state leads to that state. */
const outcome = (password: string, refuse: Refusals): ConnectionError | null => {
  if (isWrong(password)) throw refuse.wrongpass();
  return SCENARIOS.find((name) => name === password) ?? null;
};

const SCENARIOS = [
  'SCARequired',
  'additionalInformationNeeded',
  'decoupled',
  'validating',
  'actionNeeded',
  'passwordExpired',
  'rateLimiting',
  'websiteUnavailable',
  'bug',
  'notSupported',
] as const satisfies readonly ConnectionError[];
