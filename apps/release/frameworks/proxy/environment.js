// Knows nothing of proxies and certificates.

import { budgeaPlugin } from '@auth/budgea';
import { createRegistry } from '@auth/core';

const provider = createRegistry([budgeaPlugin]).fromEnv({ ...process.env, AUTH_PROVIDER: 'budgea' });
const { id } = await provider.users.create({ reference: 'customer-17' });
await provider.asUser(id).token();
console.log('created');
