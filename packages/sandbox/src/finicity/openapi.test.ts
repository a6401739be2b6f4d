import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, it } from 'vitest';
import { type Answer, finicityCaller, JSON_TYPE } from '../../test/finicity-caller.ts';
import type { FinicityCredentials } from './credentials.ts';
import { errors } from './errors.ts';
import specification from './fixtures/openapi.json' with { type: 'json' };

const CUSTOMERS = '/aggregation/v1/customers';
const INSTITUTIONS = '/institution/v2/institutions';

/**
 * The status to expect, and a body or a path to send. Default of the path: that of the specification, with the customer's or the
 * institution's id in it. `not met`: no request leads to the status, so it is injected.
 */
type Attempt = readonly [status: number, sent?: object | string | undefined, how?: 'without a token' | 'not met'];

const NO_TOKEN: Attempt = [401, undefined, 'without a token'];

/** What one operation is sent, for a sandbox in which `customer` is enrolled. */
const attemptsOf = ({ partnerId, partnerSecret }: FinicityCredentials, customer: string): Readonly<Record<string, readonly Attempt[]>> => {
  const credentials = { partnerId, partnerSecret };
  const [wrong, newPartnerSecret] = [{ partnerId, partnerSecret: 'wrong' }, 'brandNewSecret1'];
  const redirectUri = 'https://product.example/back';
  return {
    CreateToken: [
      [200, credentials],
      [400, {}],
      [401, wrong],
      [404, { ...credentials, partnerId: '1' }],
    ],
    ModifyPartnerSecret: [
      [400, { ...credentials, newPartnerSecret: 'short' }],
      [401, { ...wrong, newPartnerSecret }],
      [204, { ...credentials, newPartnerSecret }],
    ],
    GetInstitutions: [
      [200, `${INSTITUTIONS}?search=finbank&start=1&limit=2&type=voa&supportedCountries=us,ca`],
      [400, `${INSTITUTIONS}?limit=0`],
      NO_TOKEN,
    ],
    GetInstitution: [[200], [400, `${INSTITUTIONS}/x`], NO_TOKEN, [404, `${INSTITUTIONS}/1`]],
    GetCustomers: [[200], [400, `${CUSTOMERS}?type=sleeping`], NO_TOKEN, [404, undefined, 'not met']],
    GetCustomer: [[200], [400, `${CUSTOMERS}/x`], NO_TOKEN, [404, `${CUSTOMERS}/1`]],
    GetCustomerAccounts: [[200], [400, `${CUSTOMERS}/${customer}/accounts?account_type=x`], NO_TOKEN, [404, `${CUSTOMERS}/1/accounts`]],
    AddTestingCustomer: [[201, { username: 'testing1' }], [400, {}], NO_TOKEN, [409, { username: 'customer1' }]],
    AddCustomer: [[201, { username: 'active1' }], [400, {}], NO_TOKEN, [409, { username: 'customer1' }]],
    GenerateConnectUrl: [
      [200, { partnerId, customerId: customer, redirectUri }],
      [400, { partnerId: '1', customerId: customer }],
      NO_TOKEN,
    ],
    DeleteCustomer: [[400, `${CUSTOMERS}/x`], NO_TOKEN, [404, `${CUSTOMERS}/1`], [204]],
  };
};

/** A sandbox with a customer who has accounts, and a way to send requests as its partner. */
const setUp = async () => {
  const { sandbox, token: newToken, send: sendAs } = finicityCaller({ plan: 'production' });
  const token = await newToken();
  const send = (method: string, path: string, body?: object, appToken = token): Promise<Answer> =>
    sendAs(method, path, body, { 'finicity-app-token': appToken });
  const { body: enrolled } = await send('POST', '/aggregation/v2/customers/testing', { username: 'customer1', firstName: 'Ada' });
  const { partnerId } = sandbox.credentials;
  const { body: generated } = await send('POST', '/connect/v2/generate', { partnerId, customerId: enrolled['id'] });
  expect((await sandbox.fetch(`${generated['link']}&auto=approve`)).status).toBe(200);
  return { sandbox, send, customer: String(enrolled['id']) };
};

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
const validators: Readonly<Record<string, ValidateFunction>> = Object.fromEntries(
  Object.entries(specification.schemas).map(([name, schema]) => [name, ajv.compile(schema)]),
);

describe('the specification of the vendor', () => {
  it('has an answer of the right shape for every operation and every status', async () => {
    const { sandbox, send, customer } = await setUp();
    const planned = attemptsOf(sandbox.credentials, customer);
    // The customer is deleted, and the secret changed, when all else is done.
    const operations = [...specification.operations].sort((a, b) => rank(a.method) - rank(b.method));
    for (const { operationId, method, path, answers } of operations) {
      const schemas: Readonly<Record<string, string | undefined | null>> = answers;
      const filled = path.replace('{customerId}', customer).replace('{institutionId}', '102105');
      const exercised: string[] = [];
      for (const [status, sent, how] of planned[operationId] ?? []) {
        if (how === 'not met') sandbox.faults.add({ reply: { kind: 'error', error: 'connectPartnerNotFound' } });
        const [own, body] = typeof sent === 'string' ? [sent, undefined] : [filled, sent];
        const answer = await send(method, own, body, how === 'without a token' ? '' : undefined);
        expect([operationId, answer.status]).toEqual([operationId, status]);
        expectShape(answer, schemas[status]);
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

const expectShape = ({ type, text, body }: Answer, schema: string | undefined | null): void => {
  if (schema === null || schema === undefined) {
    expect(text).toBe('');
    return;
  }
  expect(type).toBe(JSON_TYPE);
  const validate = validators[schema];
  validate?.(body);
  expect([schema, text, validate?.errors]).toEqual([schema, text, null]);
};
