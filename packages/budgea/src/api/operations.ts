import { type OperationTable, operations, type Vendor } from '@auth/core/kit';
import { AUTHENTICATION, type AuthenticationApi } from './authentication.ts';
import { CONNECTIONS, type ConnectionsApi, webauthUrl } from './connections.ts';
import { DOMAIN, type DomainApi } from './domain.ts';
import { certificateType, oneId, userSelector } from './ids.ts';
import { USERS, type UsersApi } from './users.ts';

/**
 * The vendor's operations, one to one and with all parameters. They hold no state and no guard protects them: a refused client secret is
 * sent again each time it is passed. Tokens for calls come from `asUser`.
 */
export interface BudgeaApi extends AuthenticationApi, UsersApi, ConnectionsApi, DomainApi {}

/** The request of each operation. */
export const TABLE: OperationTable<Omit<BudgeaApi, 'webauthUrl'>> = { ...AUTHENTICATION, ...USERS, ...CONNECTIONS, ...DOMAIN };

/** The vendor's operations, for one client. */
export const createApi = (vendor: Vendor, clientId: string): BudgeaApi => ({
  ...operations<Omit<BudgeaApi, 'webauthUrl'>>(vendor, TABLE, {
    ids: { idUser: userSelector, idConnection: oneId('connection'), idClient: oneId('client application'), type: certificateType },
    known: { clientId },
  }),
  webauthUrl: webauthUrl(vendor.baseUrl, clientId),
});
