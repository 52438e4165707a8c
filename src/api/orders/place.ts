/** Placing an order: five addresses for one request, which differ in how it is dispatched. */
import { type DispatchMode, dispatchModes } from '../../domain/shared/dispatch-mode.ts';
import { type Call, type Endpoint, endpoint, json, type Reply } from '../endpoint.ts';
import { idempotencyKeyHeader, readIdempotencyKey, wrongIdempotencyKey } from '../idempotency-key.ts';
import { refusal } from '../refusals.ts';
import { placedAnswer, placedSchema, queuedAnswer, queuedSchema } from './answers.ts';
import type { OrderRefused, OrdersDeps } from './deps.ts';
import { type OrderBody, orderBodySchema, orderRequestOf, requestIdOf } from './request.ts';

type PlaceCall = Call<'buyer', undefined, undefined, OrderBody>;
type PlaceDeps = Pick<OrdersDeps, 'placeOrder' | 'hallOf'>;

export const placeEndpoints = (deps: PlaceDeps): readonly Endpoint[] => [
  ...dispatchModes.map((mode) => placeEndpoint(deps, mode)),
  placeEndpoint(deps, 'configured'),
];

const placeEndpoint = (deps: PlaceDeps, mode: DispatchMode | 'configured'): Endpoint =>
  endpoint({
    method: 'POST',
    path: mode === 'configured' ? '/orders' : `/orders/${mode}`,
    access: 'buyer',
    summary:
      mode === 'configured'
        ? 'Places an order in the mode that is configured.'
        : `Places an order in mode ${mode}.`,
    headers: idempotencyKeyHeader,
    body: orderBodySchema,
    answers: {
      ...(mode !== 'v4' && { 201: placedSchema }),
      ...((mode === 'v4' || mode === 'configured') && { 202: queuedSchema }),
    },
    handle: (call) => place(deps, mode, call),
  });

const place = async (
  { placeOrder, hallOf }: PlaceDeps,
  asked: DispatchMode | 'configured',
  { body, identity: { userId }, header, correlationId }: PlaceCall,
): Promise<Reply> => {
  const key = readIdempotencyKey(header);
  if (key === undefined) return wrongIdempotencyKey;
  if (body.ticketCount !== undefined && body.ticketCount !== body.ticketUserIds.length) {
    return refusal('ticket_count_mismatch');
  }
  const requestId = requestIdOf(userId, key);
  const request = orderRequestOf(body, userId, requestId);
  const context = { commandId: requestId, correlationId, actor: userId };
  const { mode, answer } = await placeOrder(asked, request, context);
  if (answer.kind === 'refused') return refusedReply(answer);
  const { orderNumber } = answer;
  if (answer.kind === 'order_queued') {
    const headers = { location: `/orders/${orderNumber}/status`, 'retry-after': '1' };
    return json(202, queuedAnswer(answer, mode), headers);
  }
  const hall = await hallOf(request.programId);
  if (hall === undefined) throw new Error(`${request.programId} took an order and has no hall.`);
  return json(201, placedAnswer(answer, mode, request, hall), {
    location: `/orders/${orderNumber}`,
    // One that has moved on since it was placed is not new. Whether any other is, the sale alone knows.
    ...(answer.status !== 'awaiting_payment' && { 'idempotency-replayed': 'true' }),
  });
};

export const refusedReply = ({ code, left }: OrderRefused): Reply =>
  refusal(code, left === undefined ? {} : { members: { left } });
