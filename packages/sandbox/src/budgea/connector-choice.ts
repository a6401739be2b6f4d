import type { Connector, Connectors } from './connectors.ts';
import type { Refusals } from './errors.ts';

/** The connector that a request names with `id_connector` or else `connector_uuid`. */
export const connectorOf = (
  connectors: Connectors,
  text: (name: 'id_connector' | 'connector_uuid') => string | undefined,
  refuse: Refusals,
): Connector => {
  const id = text('id_connector') ?? '';
  const uuid = text('connector_uuid') ?? '';
  const name = id === '' ? 'connector_uuid' : 'id_connector';
  if (id === '' && uuid === '') throw refuse.missingParameter('id_connector');
  const found = connectors.find(id === '' ? uuid : id);
  // The list would take the one for the other.
  if (found === undefined || (id === '' ? found.uuid !== uuid : String(found.id) !== id)) throw refuse.invalidValue(name);
  return found;
};

/** The name of a source, `undefined` where none is given. */
export const sourceOf = (source: string | undefined, refuse: Refusals): string | undefined => {
  if (source === undefined || source === '') return undefined;
  if (!/^[a-z]+$/.test(source)) throw refuse.invalidValue('source');
  return source;
};
