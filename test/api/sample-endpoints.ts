/** Endpoints that show what a lane does with a call: they answer with what reached them. */
import { z } from 'zod';
import { type Endpoint, endpoint, json } from '../../src/api/endpoint.ts';
import { NoNumberError } from '../../src/commands/order-numbers.ts';
import { LockTimeoutError } from '../../src/commands/ports.ts';
import { OverloadedError } from '../../src/commands/warm-stream.ts';

const problems: Readonly<Record<string, () => unknown>> = {
  overloaded: () => new OverloadedError('too many'),
  busy: () => new LockTimeoutError('too long'),
  'no-number': () => new NoNumberError('none'),
  away: () => new Error('away'),
  secret: () => new Error('token=abc'),
  text: () => 'thrown text',
};

export const orderBody = z.strictObject({
  name: z.string().max(40),
  count: z.int().min(1).max(9).optional(),
  people: z.array(z.string()).max(100).optional(),
});

export const sampleEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'POST',
    path: '/orders/v3',
    access: 'buyer',
    summary: 'Answers with the body.',
    body: orderBody,
    answers: { 201: z.strictObject({ body: z.unknown() }) },
    handle: ({ body, identity, correlationId }) =>
      json(201, { body, user: identity.userId, correlationId }, { Location: '/orders/1' }),
  }),
  endpoint({
    method: 'GET',
    path: '/orders/:orderNumber/status',
    access: 'public',
    summary: 'Answers with what was in the address.',
    params: z.strictObject({ orderNumber: z.string().max(20) }),
    query: z.strictObject({ words: z.string().optional(), limit: z.coerce.number().int().optional() }),
    answers: { 200: 'What was in the address.' },
    handle: ({ params, query }) => json(200, { params, query }),
  }),
  endpoint({
    method: 'GET',
    path: '/orders/latest/status',
    access: 'public',
    summary: 'A name where others have a parameter.',
    answers: { 200: 'The latest.' },
    handle: () => json(200, { latest: true }),
  }),
  endpoint({
    method: 'DELETE',
    path: '/orders/:orderNumber',
    access: 'operator',
    summary: 'Answers nothing.',
    answers: { 204: 'Gone.' },
    handle: () => ({ kind: 'empty', status: 204 }),
  }),
  endpoint({
    method: 'POST',
    path: '/callbacks',
    access: 'public',
    summary: 'Takes any bytes, up to ten of them.',
    bodyLimitBytes: 10,
    answers: { 200: 'The bytes.' },
    handle: ({ rawBody, body }) => json(200, { bytes: [...rawBody], hasBody: body !== undefined }),
  }),
  endpoint({
    method: 'GET',
    path: '/problems/:name',
    access: 'public',
    summary: 'Fails as it is told.',
    params: z.strictObject({ name: z.string() }),
    answers: { 200: 'Never.' },
    handle: ({ params }) => {
      if (params.name === 'unwritable') return json(200, { big: 1n });
      if (params.name === 'bad-header') return json(200, {}, { location: 'a\nb' });
      throw problems[params.name]?.() ?? new Error('unknown');
    },
  }),
];
