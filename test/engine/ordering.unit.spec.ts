/** Every order is measured once, by the mode that took it and by what became of it. */
import { expect, it } from 'vitest';
import type { OrderRequest } from '../../src/commands/place-order.ts';
import { LockTimeoutError } from '../../src/commands/ports.ts';
import { OverloadedError } from '../../src/commands/warm-stream.ts';
import { programIdSchema, requestIdSchema, userIdSchema } from '../../src/domain/shared/ids.ts';
import { createPlaceOrder, type OrderingDeps } from '../../src/engine/ordering.ts';

const CONTEXT = { commandId: 'c', correlationId: 'c', actor: 'test' };
const request: OrderRequest = {
  programId: programIdSchema.parse('swan-lake'),
  buyer: userIdSchema.parse('ann'),
  requestId: requestIdSchema.parse('0'.repeat(32)),
  ticketUsers: [],
  want: { by: 'seats', seats: [1] },
};

/** Each mode asks for the offer first; here it gets no further. */
const measuring = (offerOf: OrderingDeps['offerOf']) => {
  const measured: [mode: string, outcome: string][] = [];
  const unused = () => {
    throw new Error('Not asked for in this test.');
  };
  const placeOrder = createPlaceOrder({
    ...{ gate: { pass: unused }, numbers: { order: unused }, sale: unused },
    ...{ ticketUsersOf: unused, locks: { holding: unused }, freshSale: unused, untilReadable: unused },
    ...{ lane: unused, queueTtlMs: 1, nowMs: () => 1 },
    offerOf,
    modeOf: async () => 'v2',
    onTaken: async () => undefined,
    measure: (mode, outcome, tookMs) => {
      expect(tookMs).toBeGreaterThanOrEqual(0);
      measured.push([mode, outcome]);
    },
  });
  return { placeOrder, measured };
};

it.each(['v1', 'v2', 'v3', 'v4'] as const)('a refusal of %s counts under its code', async (mode) => {
  const { placeOrder, measured } = measuring(async () => undefined);
  const { answer } = await placeOrder(mode, request, CONTEXT);
  expect(answer).toMatchObject({ kind: 'refused' });
  expect(measured).toEqual([[mode, 'code' in answer ? answer.code : undefined]]);
});

it('an order of no mode counts under the one that was chosen for it', async () => {
  const { placeOrder, measured } = measuring(async () => undefined);
  await placeOrder('configured', request, CONTEXT);
  expect(measured.map(([mode]) => mode)).toEqual(['v2']);
});

it.each([
  ['overloaded', new OverloadedError('full')],
  ['busy', new LockTimeoutError('others')],
  ['failed', new Error('away')],
])('an order that was %s counts as that, and its caller hears of it', async (outcome, error) => {
  const { placeOrder, measured } = measuring(() => Promise.reject(error));
  await expect(placeOrder('v3', request, CONTEXT)).rejects.toBe(error);
  expect(measured).toEqual([['v3', outcome]]);
});
