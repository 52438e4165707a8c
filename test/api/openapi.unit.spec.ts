import { expect, test } from 'vitest';
import { z } from 'zod';
import { healthEndpoints } from '../../src/api/health.ts';
import { homeEndpoint } from '../../src/api/home.ts';
import { openApiDocument, openApiEndpoint } from '../../src/api/openapi.ts';
import { type OrdersDeps, ordersEndpoints } from '../../src/api/orders/index.ts';
import { refusals } from '../../src/api/refusals.ts';
import { ask } from './client.ts';
import { startLane } from './lanes.ts';
import { sampleEndpoints } from './sample-endpoints.ts';

/** Described, never called. */
const neverCalled = async (): Promise<never> => {
  throw new Error('Describing an endpoint calls nothing.');
};
const ordersDeps: OrdersDeps = {
  placeOrder: neverCalled,
  hallOf: neverCalled,
  statusOf: neverCalled,
  watchStatus: () => ({ [Symbol.asyncIterator]: () => ({ next: neverCalled }) }),
  orderOfBuyer: neverCalled,
  ordersOfBuyer: neverCalled,
  cancelOrder: neverCalled,
};
const endpoints = [
  homeEndpoint('1'),
  ...healthEndpoints({ probes: [], timeoutMs: 1 }),
  ...ordersEndpoints(ordersDeps),
];

const content = z.record(z.string(), z.strictObject({ schema: z.record(z.string(), z.unknown()) }));
const parameter = z.strictObject({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean(),
  description: z.string().optional(),
  schema: z.record(z.string(), z.unknown()),
});
const operation = z.strictObject({
  operationId: z.string().regex(/^[a-z][0-9A-Za-z]*$/),
  summary: z.string().regex(/\.$/),
  security: z.array(z.strictObject({ token: z.array(z.string()) })).optional(),
  parameters: z.array(parameter),
  requestBody: z.strictObject({ required: z.boolean(), content }).optional(),
  responses: z.record(
    z.string().regex(/^([1-5]\d\d|default)$/),
    z.strictObject({ description: z.string().min(1), content: content.optional() }),
  ),
});
/** The parts of OpenAPI 3.1 that the document uses. */
const documentSchema = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
  paths: z.record(
    z.string().startsWith('/'),
    z.partialRecord(z.enum(['get', 'post', 'put', 'delete']), operation),
  ),
  components: z.strictObject({
    schemas: z.strictObject({ Problem: z.looseObject({ properties: z.looseObject({}) }) }),
    securitySchemes: z.looseObject({ token: z.looseObject({ type: z.literal('http') }) }),
  }),
});

const documentOf = (all: Parameters<typeof openApiDocument>[0]) =>
  documentSchema.parse(JSON.parse(JSON.stringify(openApiDocument(all, '1.2.3'))));

test('every endpoint is described, with its parameters, under an id of its own', () => {
  const { paths } = documentOf(endpoints);
  const ids = new Set<string>();
  for (const { method, path } of endpoints) {
    const described = paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase() as 'get'];
    expect(described, `${method} ${path}`).toBeDefined();
    ids.add(described?.operationId ?? '');
    const named = described?.parameters.filter((one) => one.in === 'path').map(({ name }) => name);
    expect(named).toEqual([...path.matchAll(/:(\w+)/g)].map(([, name]) => name));
  }
  expect(ids.size).toBe(endpoints.length);
});

test('every refusal is in the list of codes', () => {
  const { Problem } = documentOf(endpoints).components.schemas;
  expect(Problem.properties['code']).toEqual({ type: 'string', enum: Object.keys(refusals).sort() });
});

test('an order is described with what it takes, answers and may be sent with', () => {
  const order = documentOf(endpoints).paths['/orders']?.post;
  const schema = order?.requestBody?.content['application/json']?.schema;
  expect(order?.requestBody?.required).toBe(true);
  expect(schema).toMatchObject({
    type: 'object',
    required: ['programId', 'ticketUserIds'],
    additionalProperties: false,
  });
  expect(Object.keys(order?.responses ?? {})).toEqual(['201', '202', 'default']);
  expect(order?.parameters).toMatchObject([{ name: 'Idempotency-Key', in: 'header', required: false }]);
  expect(order?.security).toEqual([{ token: [] }]);
});

test('a query is described by parameter, and what may be left out is not required', () => {
  const list = documentOf(endpoints).paths['/orders']?.get;
  expect(list?.parameters).toMatchObject([
    { name: 'status', in: 'query', required: false, schema: { type: 'string' } },
    { name: 'after', in: 'query', required: false },
    { name: 'limit', in: 'query', required: false, schema: { type: 'integer', maximum: 100 } },
  ]);
});

test('operators’ endpoints ask for their scope, public ones for nothing', () => {
  const { paths } = documentOf(sampleEndpoints);
  expect(paths['/orders/{orderNumber}']?.delete?.security).toEqual([{ token: ['operator'] }]);
  expect(paths['/callbacks']?.post?.security).toBeUndefined();
});

test('nothing in it points outside of it', () => {
  const text = JSON.stringify(openApiDocument([...endpoints], '1'));
  const pointers = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, pointer]) => pointer);
  expect(new Set(pointers)).toEqual(new Set(['#/components/schemas/Problem']));
});

test('it is served, and describes itself too', async () => {
  const server = await startLane('express', [...endpoints, openApiEndpoint(endpoints, '1.2.3')]);
  try {
    const answer = await ask(server.port, { path: '/openapi.json' });
    expect(Object.keys(documentSchema.parse(answer.json()).paths)).toContain('/openapi.json');
  } finally {
    await server.close();
  }
});
