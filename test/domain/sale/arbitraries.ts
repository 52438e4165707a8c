/** Halls and streams of commands for properties: small, so that they collide; odd, so that nothing is assumed. */
import fc from 'fast-check';
import {
  type Layout,
  layoutSchema,
  type SaleCommand,
  type SaleTerms,
  type WantedPlaces,
} from '../../../src/domain/sale/index.ts';
import { categoryIdSchema } from '../../../src/domain/shared/ids.ts';
import { HOLD_TTL_MS, idOf, NOW_MS, PAYMENT_TTL_MS, people, queue, terms } from './fixtures.ts';

const row = (maxSeats: number) =>
  fc
    .record({
      seats: fc.integer({ min: 1, max: maxSeats }),
      rows: fc.integer({ min: 1, max: 3 }),
      aisle: fc.option(fc.nat(maxSeats), { freq: 2 }),
      odd: fc.option(fc.record({ at: fc.nat(maxSeats), kind: fc.constantFrom('accessible', 'blocked') })),
      x: fc.option(fc.integer({ min: -5, max: 5 }), { freq: 4, nil: undefined }),
    })
    .map(({ seats, rows, aisle, odd, x }) => ({
      count: rows,
      seats: `${seats}-1`,
      ...(aisle === null ? {} : { aislesAfter: String((aisle % seats) + 1) }),
      ...(odd === null ? {} : { [odd.kind]: String((odd.at % seats) + 1) }),
      ...(x === undefined ? {} : { x }),
    }));

function seated(
  id: string,
  groups: readonly ({ count: number } & object)[],
  focus: { x: number; y: number },
) {
  let next = 1;
  const rows = groups.map(({ count, ...group }) => {
    const from = next;
    next += count;
    return { ...group, rows: `${from}-${next - 1}` };
  });
  const half = Math.ceil(rows.length / 2);
  const sections = [rows.slice(0, half), rows.slice(half)].filter((part) => part.length > 0);
  return {
    kind: 'seated',
    id,
    priceMinor: id.length * 100,
    focus,
    sections: sections.map((part, index) => ({ name: `S${index}`, rows: part })),
  };
}

export const aHall = (maxSeats: number, maxGroups: number): fc.Arbitrary<Layout> => {
  const groups = fc.array(row(maxSeats), { minLength: 1, maxLength: maxGroups });
  const focus = fc.record({ x: fc.integer({ min: -8, max: 8 }), y: fc.integer({ min: 0, max: 6 }) });
  return fc
    .record({ stalls: groups, balcony: groups, general: fc.integer({ min: 1, max: 6 }), focus })
    .map(({ stalls, balcony, general, focus: point }) =>
      layoutSchema.parse([
        seated('stalls', stalls, point),
        { kind: 'general', id: 'standing', priceMinor: 70, capacity: general },
        seated('balcony', balcony, point),
      ]),
    );
};

export const someTerms: fc.Arbitrary<SaleTerms> = fc
  .record({
    layout: aHall(6, 2),
    perOrder: fc.integer({ min: 1, max: 5 }),
    perBuyer: fc.integer({ min: 1, max: 8 }),
    oneTicketPerIdDocument: fc.boolean(),
  })
  .map(({ layout, perOrder, perBuyer, oneTicketPerIdDocument }) =>
    terms({ layout, limits: { perOrder, perBuyer }, oneTicketPerIdDocument }),
  );

/** Numbers that a command is made of, so that a failure shrinks to a short and simple story. */
export type Step = {
  readonly what: (typeof COMMANDS)[number];
  readonly order: number;
  readonly who: number;
  readonly count: number;
  readonly place: number;
  readonly how: number;
  readonly waitMs: number;
};

const COMMANDS = [
  ...Array.from({ length: 6 }, () => 'PlaceOrder' as const),
  ...Array.from({ length: 3 }, () => 'HoldSeats' as const),
  ...Array.from({ length: 3 }, () => 'ConfirmPayment' as const),
  'ReleaseHold',
  'ExpireHold',
  'RejectOrder',
  'CancelOrder',
  'ExpireOrder',
  'IssueTickets',
  'RefundOrder',
] as const;

export const steps = (maxLength: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      what: fc.constantFrom(...COMMANDS),
      order: fc.nat(14),
      who: fc.nat(3),
      count: fc.integer({ min: 1, max: 5 }),
      place: fc.nat(60),
      how: fc.nat(11),
      waitMs: fc.constantFrom(0, 0, 0, HOLD_TTL_MS / 2, PAYMENT_TTL_MS / 3),
    }),
    { maxLength, size: 'max' },
  );

const CATEGORIES = ['stalls', 'standing', 'balcony'] as const;
/** More than there are, now and then. */
const SEATS = 40;

/** Amounts are those of `amountOf`, mostly: a wrong amount is refused early and tells little. */
export function commandsOf(
  story: readonly Step[],
  amountOf: (order: number) => number = () => 1,
): ((index: number) => SaleCommand)[] {
  let nowMs = NOW_MS;
  return story.map((step, index) => {
    nowMs += step.waitMs;
    const at = nowMs;
    return () => commandOf(step, index, at, amountOf);
  });
}

function commandOf(
  step: Step,
  index: number,
  nowMs: number,
  amountOf: (order: number) => number,
): SaleCommand {
  const orderNumber = idOf.order(step.order + 1);
  const holdToken = idOf.hold(`hold-${step.order % 6}`);
  const buyer = idOf.user(`buyer-${step.who}`);
  switch (step.what) {
    case 'PlaceOrder': {
      const first = step.place % 20;
      return {
        type: step.what,
        nowMs,
        orderNumber,
        buyer,
        requestId: idOf.request(step.order + 1),
        ticketUsers: people(...Array.from({ length: step.count }, (_, person) => first + person)),
        want: step.how === 0 ? { by: 'hold', holdToken } : wanted(step),
        // Delivered out of order, and twice, now and then.
        ...(step.how >= 9 ? { queue: queue(index - (step.how - 9)) } : {}),
      };
    }
    case 'HoldSeats':
      return { type: step.what, nowMs, holdToken, buyer, want: wanted(step) };
    case 'ReleaseHold':
      return { type: step.what, holdToken, buyer };
    case 'ExpireHold':
      return { type: step.what, nowMs, holdToken };
    case 'RejectOrder':
      return { type: step.what, orderNumber, buyer, code: 'abandoned', queue: queue(index) };
    case 'CancelOrder':
      return { type: step.what, orderNumber, buyer };
    case 'ExpireOrder':
      return { type: step.what, orderNumber, nowMs };
    case 'ConfirmPayment': {
      const paymentNumber = idOf.payment(1000 + step.order * 2 + (step.how % 6 === 0 ? 1 : 0));
      const amountMinor = idOf.money(amountOf(step.order + 1) + (step.how === 11 ? 1 : 0));
      return { type: step.what, orderNumber, paymentNumber, amountMinor };
    }
    case 'IssueTickets':
      return { type: step.what, orderNumber };
    case 'RefundOrder':
      return step.how < 6
        ? { type: step.what, orderNumber }
        : { type: step.what, orderNumber, tickets: [step.how % 3] };
  }
}

function wanted({ count, place, how }: Step): WantedPlaces {
  if (how % 3 === 0) {
    const seats = Array.from({ length: count }, (_, index) => (place * 7 + index * (1 + (how % 2))) % SEATS);
    return { by: 'seats', seats };
  }
  const category = categoryIdSchema.parse(CATEGORIES[place % CATEGORIES.length]);
  return { by: 'category', category, count, allowSplit: how % 4 !== 1, accessible: how === 8 };
}
