/** Paying an order, what providers say about it, and an operator's refund. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { PayOrder, PayOrderAnswer } from '../commands/pay-order.ts';
import type { CommandContext } from '../commands/ports.ts';
import type { RefundOrderAnswer, RefundOrderRequest } from '../commands/refund-order.ts';
import type { Callback, CallbackAnswer } from '../commands/take-callback.ts';
import { MAX_TICKETS_PER_ORDER } from '../domain/sale/index.ts';
import type { OrderNumber, ProgramId, UserId } from '../domain/shared/ids.ts';
import { ProviderError } from '../payments/provider.ts';
import { contextOf } from './command-context.ts';
import { type Endpoint, endpoint, json, type Reply } from './endpoint.ts';
import { orderParams } from './inputs.ts';
import { refusal } from './refusals.ts';

const CALLBACK_LIMIT_BYTES = 16_384;
const PROVIDER_NAME = /^[a-z][a-z0-9_]{0,31}$/;

export type PaymentEndpointsDeps = {
  /**
   * The program of an order; without a buyer whoever's it is. Undefined where no read model knows the order.
   */
  readonly programOf: (orderNumber: OrderNumber, buyer?: UserId) => Promise<ProgramId | undefined>;
  readonly payOrder: (asked: PayOrder, context: CommandContext) => Promise<PayOrderAnswer>;
  readonly refundOrder: (asked: RefundOrderRequest, context: CommandContext) => Promise<RefundOrderAnswer>;
  readonly takeCallback: (callback: Callback, context: CommandContext) => Promise<CallbackAnswer>;
};

const payable = z.object({
  paymentNumber: z.string(),
  amountMinor: z.int(),
  currency: z.string(),
  provider: z.string(),
  payUrl: z.string(),
});

export const paymentEndpoints = (deps: PaymentEndpointsDeps): readonly Endpoint[] => [
  payEndpoint(deps),
  refundEndpoint(deps),
  callbackEndpoint(deps),
];

const payEndpoint = (deps: PaymentEndpointsDeps): Endpoint =>
  endpoint({
    method: 'POST',
    path: '/orders/:orderNumber/pay',
    access: 'buyer',
    summary: 'Begins to pay an order, or finds its open payment again.',
    params: orderParams,
    answers: { 201: payable },
    handle: async (call) => {
      const { orderNumber } = call.params;
      const buyer = call.identity.userId;
      const programId = await deps.programOf(orderNumber, buyer);
      if (programId === undefined) return refusal('order_not_found');
      const asked = { orderNumber, buyer, programId };
      const answer = await orUnavailable(deps.payOrder(asked, contextOf(call)));
      if (answer === 'unavailable') return refusal('unavailable', { headers: { 'retry-after': '2' } });
      if (answer.kind === 'refused') return refusal(answer.code);
      const { kind: _, ...payment } = answer;
      return json(201, payment);
    },
  });

const refundEndpoint = (deps: PaymentEndpointsDeps): Endpoint =>
  endpoint({
    method: 'POST',
    path: '/orders/:orderNumber/refund',
    access: 'operator',
    summary: 'Gives back an order, or some of its tickets; the money follows by its provider.',
    params: orderParams,
    body: z.strictObject({
      tickets: z
        .array(
          z
            .int()
            .min(0)
            .max(MAX_TICKETS_PER_ORDER - 1),
        )
        .min(1)
        .max(MAX_TICKETS_PER_ORDER)
        .optional(),
    }),
    answers: {
      202: z.object({ orderNumber: z.string(), status: z.string(), tickets: z.array(z.int()) }),
    },
    handle: async (call) => {
      const { orderNumber } = call.params;
      const programId = await deps.programOf(orderNumber);
      if (programId === undefined) return refusal('order_not_found');
      const asked = { orderNumber, programId, tickets: call.body.tickets };
      const answer = await deps.refundOrder(asked, contextOf(call));
      if (answer.kind === 'refused') return refusal(answer.code);
      const { status, tickets: left } = answer;
      return json(202, { orderNumber, status, tickets: left });
    },
  });

const callbackEndpoint = (deps: PaymentEndpointsDeps): Endpoint =>
  endpoint({
    method: 'POST',
    path: '/payments/callbacks/:provider',
    access: 'public',
    summary: 'Where payment providers tell what became of a charge or a refund; signed.',
    params: z.strictObject({ provider: z.string().regex(PROVIDER_NAME) }),
    bodyLimitBytes: CALLBACK_LIMIT_BYTES,
    answers: { 200: z.object({ outcome: z.string() }) },
    handle: async ({ params: { provider }, header, rawBody, correlationId }): Promise<Reply> => {
      const context = { commandId: randomUUID(), correlationId, actor: `provider-${provider}` };
      const answer = await deps.takeCallback({ provider, header, rawBody }, context);
      return answer.kind === 'taken' ? json(200, { outcome: answer.outcome }) : refusal(answer.code);
    },
  });

const orUnavailable = async <Answer>(work: Promise<Answer>): Promise<Answer | 'unavailable'> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ProviderError) return 'unavailable';
    throw error;
  }
};
