/** How the dispatch modes do on live traffic, as this process has seen it. */
import { z } from 'zod';
import { dispatchModeSchema } from '../domain/shared/dispatch-mode.ts';
import { type Endpoint, endpoint, json } from './endpoint.ts';

const instantMs = z.number().describe('Milliseconds since 1970.');

const measured = {
  count: z.int(),
  latencyMs: z
    .object({ p50: z.number(), p90: z.number(), p99: z.number(), p999: z.number(), max: z.number() })
    .describe('From dispatch to answer; all 0 where nothing was counted.'),
};

const ordersAnswer = z.object({
  sinceMs: instantMs,
  recentSinceMs: instantMs.describe('Where what is recent begins: half a minute to a minute ago.'),
  orders: z.array(
    z.object({
      mode: dispatchModeSchema,
      outcome: z.string().describe('placed, queued, the code of the refusal, or overloaded, busy, failed.'),
      ...measured,
      recent: z.object(measured),
    }),
  ),
});

type OrdersAnswer = z.infer<typeof ordersAnswer>;

export type MeasuredOrdersDeps = {
  readonly measuredOrders: () => Omit<OrdersAnswer, 'orders'> & {
    readonly orders: readonly OrdersAnswer['orders'][number][];
  };
};

export const measuredOrdersEndpoint = ({ measuredOrders }: MeasuredOrdersDeps): Endpoint =>
  endpoint({
    method: 'GET',
    path: '/operations/orders',
    access: 'operator',
    summary: 'How many orders this process has answered and how fast, by mode and outcome.',
    answers: { 200: ordersAnswer },
    handle: () => json(200, measuredOrders()),
  });
