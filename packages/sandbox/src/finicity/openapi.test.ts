import { fakeClock } from '@auth/core/testing';
import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, it } from 'vitest';
import { errors } from './errors.ts';
import specification from './fixtures/openapi.json' with { type: 'json' };
import { type FinicitySandbox, finicitySandbox } from './sandbox.ts';

const JSON_TYPE = 'application/json';
const SECRET_REJECTED = { partnerSecret: 'wrong' };
const PROFILES_A = '102105';

interface Attempt {
  readonly status: number;
  /** Default: that of the specification, with the customer's or the institution's id in it. */
  readonly path?: string;
  readonly body?: object;
  readonly token?: 'none';
  /** A status that no request leads to is injected. */
  readonly fault?: 'connectPartnerNotFound';
}

/** What one operation is sent, for a sandbox in which `customer` is enrolled. */
const attempts = (sandbox: FinicitySandbox, customer: string): Readonly<Record<string, readonly Attempt[]>> => {
  const { partnerId, partnerSecret } = sandbox.credentials;
  const credentials = { partnerId, partnerSecret };
  const newPartnerSecret = 'brandNewSecret1';
  const noToken: Attempt = { status: 401, token: 'none' };
  return {
    CreateToken: [
      { status: 200, body: credentials },
      { status: 400, body: {} },
      { status: 401, body: { ...credentials, ...SECRET_REJECTED } },
      { status: 404, body: { ...credentials, partnerId: '1' } },
    ],
    ModifyPartnerSecret: [
      { status: 400, body: { ...credentials, newPartnerSecret: 'short' } },
      { status: 401, body: { ...credentials, ...SECRET_REJECTED, newPartnerSecret } },
      { status: 204, body: { ...credentials, newPartnerSecret } },
    ],
    GetInstitutions: [
      { status: 200, path: '/institution/v2/institutions?search=finbank&start=1&limit=2&type=voa&supportedCountries=us,ca' },
      { status: 400, path: '/institution/v2/institutions?limit=0' },
      noToken,
    ],
    GetInstitution: [
      { status: 200 },
      { status: 400, path: '/institution/v2/institutions/x' },
      noToken,
      { status: 404, path: '/institution/v2/institutions/1' },
    ],
    GetCustomers: [
      { status: 200 },
      { status: 400, path: '/aggregation/v1/customers?type=sleeping' },
      noToken,
      { status: 404, fault: 'connectPartnerNotFound' },
    ],
    GetCustomer: [
      { status: 200 },
      { status: 400, path: '/aggregation/v1/customers/x' },
      noToken,
      { status: 404, path: '/aggregation/v1/customers/1' },
    ],
    GetCustomerAccounts: [
      { status: 200 },
      { status: 400, path: `/aggregation/v1/customers/${customer}/accounts?account_type=x` },
      noToken,
      { status: 404, path: '/aggregation/v1/customers/1/accounts' },
    ],
    AddTestingCustomer: [
      { status: 201, body: { username: 'testing1' } },
      { status: 400, body: {} },
      noToken,
      { status: 409, body: { username: 'customer1' } },
    ],
    AddCustomer: [
      { status: 201, body: { username: 'active1' } },
      { status: 400, body: {} },
      noToken,
      { status: 409, body: { username: 'customer1' } },
    ],
    GenerateConnectUrl: [
      { status: 200, body: { partnerId, customerId: customer, redirectUri: 'https://product.example/back' } },
      { status: 400, body: { partnerId: '1', customerId: customer } },
      noToken,
    ],
    DeleteCustomer: [
      { status: 400, path: '/aggregation/v1/customers/x' },
      noToken,
      { status: 404, path: '/aggregation/v1/customers/1' },
      { status: 204 },
    ],
  };
};

/** A sandbox with a customer who has accounts, and a way to send requests as its partner. */
const setUp = async () => {
  const sandbox = finicitySandbox({ clock: fakeClock({ now: Date.UTC(2026, 0, 1) }), plan: 'production' });
  const { partnerId, partnerSecret, appKey } = sandbox.credentials;
  const send = (method: string, path: string, token: string, body?: object): Promise<Response> =>
    sandbox.fetch(`https://api.finicity.com${path}`, {
      method,
      headers: { 'finicity-app-key': appKey, 'finicity-app-token': token, accept: JSON_TYPE, 'content-type': JSON_TYPE },
      ...(body && { body: JSON.stringify(body) }),
    });
  const authenticated = await send('POST', '/aggregation/v2/partners/authentication', '', { partnerId, partnerSecret });
  const { token } = await authenticated.json();
  const enrolled = await send('POST', '/aggregation/v2/customers/testing', token, { username: 'customer1', firstName: 'Ada' });
  const { id } = await enrolled.json();
  const generated = await send('POST', '/connect/v2/generate', token, { partnerId, customerId: id });
  const { link } = await generated.json();
  expect((await sandbox.fetch(`${link}&auto=approve`)).status).toBe(200);
  return { sandbox, send, token: String(token), customer: String(id) };
};

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
const validators: Readonly<Record<string, ValidateFunction>> = Object.fromEntries(
  Object.entries(specification.schemas).map(([name, schema]) => [name, ajv.compile(schema)]),
);

describe('the specification of the vendor', () => {
  it('has an answer of the right shape for every operation and every status', async () => {
    const { sandbox, send, token, customer } = await setUp();
    const planned = attempts(sandbox, customer);
    // The customer is deleted, and the secret changed, when all else is done.
    const operations = [...specification.operations].sort((a, b) => rank(a.method) - rank(b.method));
    for (const { operationId, method, path, answers } of operations) {
      const schemas: Readonly<Record<string, string | undefined | null>> = answers;
      const filled = path.replace('{customerId}', customer).replace('{institutionId}', PROFILES_A);
      const exercised: string[] = [];
      for (const { status, path: own = filled, body, token: none, fault } of planned[operationId] ?? []) {
        if (fault !== undefined) sandbox.faults.add({ reply: { kind: 'error', error: fault } });
        const response = await send(method, own, none === undefined ? token : '', body);
        expect([operationId, response.status]).toEqual([operationId, status]);
        await expectShape(response, schemas[status]);
        exercised.push(String(status));
      }
      expect([operationId, exercised.sort()]).toEqual([operationId, Object.keys(answers).sort()]);
    }
    expect(Object.keys(planned).sort()).toEqual(operations.map(({ operationId }) => operationId).sort());
  });

  it('would notice an answer of another shape', () => {
    expect(validators['AccessToken']?.({ token: 1 })).toBe(false);
    expect(validators['CustomerAccounts']?.({ accounts: [{ id: '1' }] })).toBe(false);
    expect(validators['ErrorMessage']?.({ message: errors.badRequest })).toBe(false);
  });
});

const rank = (method: string): number => ['GET', 'POST', 'PUT', 'DELETE'].indexOf(method);

const expectShape = async (response: Response, schema: string | undefined | null): Promise<void> => {
  const body = await response.text();
  if (schema === null || schema === undefined) {
    expect(body).toBe('');
    return;
  }
  expect(response.headers.get('content-type')).toBe(JSON_TYPE);
  const validate = validators[schema];
  validate?.(JSON.parse(body));
  expect([schema, body, validate?.errors]).toEqual([schema, body, null]);
};
