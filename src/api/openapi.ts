/**
 * The description of the API for programs, OpenAPI 3.1, made of the endpoints themselves so that it cannot
 * lag behind.
 */
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { type Endpoint, endpoint, type Reply } from './endpoint.ts';
import { inOrder } from './paths.ts';
import { refusals } from './refusals.ts';

const PROBLEM = { $ref: '#/components/schemas/Problem' };

type Json = Readonly<Record<string, unknown>>;

/** Answers with the description of all these endpoints and itself; it is made once. */
export const openApiEndpoint = (endpoints: readonly Endpoint[], version: string): Endpoint => {
  const self: Endpoint = endpoint({
    method: 'GET',
    path: '/openapi.json',
    access: 'public',
    summary: 'Describes this API (OpenAPI 3.1).',
    answers: { 200: 'The description.' },
    handle: (): Reply => {
      text ??= JSON.stringify(openApiDocument([...endpoints, self], version));
      return { kind: 'bytes', status: 200, contentType: 'application/json; charset=utf-8', bytes: text };
    },
  });
  let text: string | undefined;
  return self;
};

export const openApiDocument = (endpoints: readonly Endpoint[], version: string): Json => {
  const paths: Record<string, Record<string, Json>> = {};
  for (const one of inOrder(endpoints)) {
    const path = one.path.replaceAll(/:([^/]+)/g, '{$1}');
    paths[path] = { ...paths[path], [one.method.toLowerCase()]: operationOf(one) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Seatlog',
      version,
      description: 'Times are milliseconds since 1970; money is in minor units of its currency.',
    },
    paths,
    components: {
      schemas: { Problem: problemSchema },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      },
    },
  };
};

const operationOf = (one: Endpoint): Json => ({
  operationId: operationIdOf(one),
  summary: one.summary,
  ...(one.access !== 'public' && { security: [{ token: one.access === 'operator' ? ['operator'] : [] }] }),
  parameters: parametersOf(one),
  ...(one.body !== undefined && {
    requestBody: {
      required: !one.body.safeParse(undefined).success,
      content: { 'application/json': { schema: schemaOf(one.body, 'input') } },
    },
  }),
  responses: {
    ...Object.fromEntries(
      Object.entries(one.answers).map(([status, answer]) => [status, responseOf(status, answer)]),
    ),
    default: {
      description: 'A refusal; `code` says which.',
      content: { 'application/problem+json': { schema: PROBLEM } },
    },
  },
});

/** `GET /orders/:orderNumber` is `getOrdersOrderNumber`. */
const operationIdOf = ({ method, path }: Endpoint): string => {
  const name = path.replaceAll(/[^0-9A-Za-z]+(.)?/g, (_, next = '') => next.toUpperCase());
  return `${method.toLowerCase()}${name}`;
};

const responseOf = (status: string, answer: z.ZodType | string): Json => {
  if (typeof answer === 'string') return { description: answer };
  const description = STATUS_CODES[status] ?? 'Success';
  return { description, content: { 'application/json': { schema: schemaOf(answer, 'output') } } };
};

const parametersOf = ({ path, params, query, headers = {} }: Endpoint): readonly Json[] => {
  const described = params === undefined ? {} : propertiesOf(params);
  const inPath = [...path.matchAll(/:([^/]+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: described[name]?.schema ?? { type: 'string' },
  }));
  const inQuery = Object.entries(query === undefined ? {} : propertiesOf(query)).map(
    ([name, { schema, required }]) => ({ name, in: 'query', required, schema }),
  );
  const inHeaders = Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }));
  return [...inPath, ...inQuery, ...inHeaders];
};

const objectSchema = z.object({
  properties: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  required: z.array(z.string()).default([]),
});

/** Each parameter by name. A schema that is no object describes none of them. */
const propertiesOf = (
  schema: z.ZodType,
): Readonly<Record<string, { readonly schema: Json; readonly required: boolean }>> => {
  const { properties = {}, required = [] } = objectSchema.safeParse(schemaOf(schema, 'input')).data ?? {};
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      { schema: property, required: required.includes(name) },
    ]),
  );
};

/** What JSON Schema has no words for is left open; the refusal says the rest. */
const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return described;
};

const problemSchema: Json = {
  type: 'object',
  description: 'application/problem+json (RFC 9457). `code` is for programs and never changes.',
  required: ['status', 'code', 'title'],
  properties: {
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(refusals).sort() },
    title: { type: 'string' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      description: 'With `invalid_request`: what is wrong where.',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};
