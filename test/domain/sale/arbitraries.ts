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
import {
  CLOSES_AT_MS,
  HOLD_TTL_MS,
  idOf,
  NOW_MS,
  OPENS_AT_MS,
  PAYMENT_TTL_MS,
  people,
  queue,
  terms,
} from './fixtures.ts';

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
  const groups = fc.array(row(maxSeats), {
    minLength: Math.ceil(maxGroups / 2),
    maxLength: maxGroups,
    size: 'max',
  });
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
    layout: aHall(6, 3),
    perOrder: fc.integer({ min: 2, max: 5 }),
    perBuyer: fc.integer({ min: 3, max: 14 }),
    oneTicketPerIdDocument: fc.boolean(),
  })
  .map(({ layout, perOrder, perBuyer, oneTicketPerIdDocument }) =>
    terms({ layout, limits: { perOrder, perBuyer }, oneTicketPerIdDocument }),
  );

/** Numbers that a command is made of, so that a failure shrinks to a short and simple story. */
export type Step = {
  readonly what: (typeof COMMANDS)[number];
  readonly which: number;
  readonly who: number;
  readonly count: number;
  readonly place: number;
  readonly how: number;
  readonly waitMs: number;
};

/** The orders and holds there have been, for commands that are about one of them. */
export type Known = {
  readonly orders: readonly {
    readonly order: string;
    readonly buyer: string;
    readonly amountMinor: number;
  }[];
  readonly holds: readonly { readonly hold: string; readonly buyer: string }[];
};

const COMMANDS = [
  ...Array.from({ length: 8 }, () => 'PlaceOrder' as const),
  ...Array.from({ length: 3 }, () => 'HoldSeats' as const),
  ...Array.from({ length: 4 }, () => 'ConfirmPayment' as const),
  ...Array.from({ length: 2 }, () => 'ExpireOrder' as const),
  'ReleaseHold',
  'ExpireHold',
  'RejectOrder',
  'CancelOrder',
  'IssueTickets',
  'RefundOrder',
  'RescheduleSale',
] as const;

const HOWS = 12;
const PEOPLE = 60;
/** A few more than there are, in most halls. */
const SEATS = 40;
const CATEGORIES = ['stalls', 'standing', 'balcony'] as const;

export const steps = (maxLength: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.noBias(
      fc.record({
        what: fc.constantFrom(...COMMANDS),
        which: fc.nat(1_000),
        who: fc.nat(5),
        count: fc.constantFrom(1, 1, 2, 2, 3, 4, 5),
        place: fc.nat(SEATS),
        how: fc.nat(HOWS - 1),
        waitMs: fc.constantFrom(0, 0, 0, 0, HOLD_TTL_MS / 4, PAYMENT_TTL_MS / 4),
      }),
    ),
    { minLength: Math.floor(maxLength / 2), maxLength, size: 'max' },
  );

export function* commandsOf(story: readonly Step[], known: () => Known): Generator<SaleCommand> {
  let nowMs = NOW_MS;
  for (const [index, step] of story.entries()) {
    nowMs += step.waitMs;
    yield commandOf(step, index, nowMs, known());
  }
}

function commandOf(step: Step, index: number, nowMs: number, known: Known): SaleCommand {
  const order = known.orders[step.which % Math.max(1, known.orders.length)];
  const hold = known.holds[step.which % Math.max(1, known.holds.length)];
  const orderNumber = idOf.order(order?.order ?? 1);
  const holdToken = idOf.hold(hold?.hold ?? 'hold-0');
  const stranger = step.how === 0 ? idOf.user(`buyer-${step.who}`) : undefined;
  switch (step.what) {
    case 'PlaceOrder':
      return orderOf(step, index, nowMs, known);
    case 'HoldSeats': {
      const token = idOf.hold(step.how === 1 ? holdToken : `hold-${index}`);
      return {
        type: step.what,
        nowMs,
        holdToken: token,
        buyer: idOf.user(`buyer-${step.who}`),
        want: wanted(step),
      };
    }
    case 'RescheduleSale':
      return { type: step.what, ...newWindow(step, nowMs) };
    case 'ReleaseHold':
      return { type: step.what, holdToken, buyer: stranger ?? idOf.user(hold?.buyer ?? 'buyer-0') };
    case 'ExpireHold':
      return { type: step.what, nowMs, holdToken };
    case 'RejectOrder':
      return {
        type: step.what,
        orderNumber: idOf.order(index + 1),
        buyer: idOf.user('buyer-0'),
        code: 'abandoned',
        queue: queue(index),
      };
    case 'CancelOrder':
      return { type: step.what, orderNumber, buyer: stranger ?? idOf.user(order?.buyer ?? 'buyer-0') };
    case 'ExpireOrder':
      return { type: step.what, orderNumber, nowMs: nowMs + (step.how % 3) * PAYMENT_TTL_MS };
    case 'ConfirmPayment': {
      const paymentNumber = idOf.payment(2 * Number(orderNumber) + (step.how === 1 ? 1 : 0));
      const amountMinor = idOf.money((order?.amountMinor ?? 1) + (step.how === 2 ? 1 : 0));
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

/** Mostly open for long; now and then shut for a while, about to close, or not a window at all. */
function newWindow({ how }: Step, nowMs: number): { opensAtMs: number; closesAtMs: number } {
  if (how === 0) return { opensAtMs: nowMs, closesAtMs: nowMs };
  if (how === 1) return { opensAtMs: nowMs + HOLD_TTL_MS, closesAtMs: CLOSES_AT_MS };
  if (how === 2) return { opensAtMs: OPENS_AT_MS, closesAtMs: nowMs + HOLD_TTL_MS / 2 };
  return { opensAtMs: OPENS_AT_MS, closesAtMs: CLOSES_AT_MS + how * PAYMENT_TTL_MS };
}

/** Mostly a new order; now and then one with the number, or the request, of one before; some of them of a hold. */
function orderOf(step: Step, index: number, nowMs: number, known: Known): SaleCommand {
  const { which, who, count, place, how } = step;
  const earlier = known.orders[which % Math.max(1, known.orders.length)]?.order ?? '1';
  const hold = how % 4 === 3 ? known.holds[which % Math.max(1, known.holds.length)] : undefined;
  const first = (place * 3 + which) % PEOPLE;
  return {
    type: 'PlaceOrder',
    nowMs,
    orderNumber: idOf.order(how === 0 ? earlier : index + 1),
    buyer: idOf.user(hold?.buyer ?? `buyer-${who}`),
    requestId: idOf.request(how <= 1 ? Number(earlier) : index + 1),
    ticketUsers: people(...Array.from({ length: count }, (_, person) => first + person)),
    want: hold === undefined ? wanted(step) : { by: 'hold', holdToken: idOf.hold(hold.hold) },
    // Delivered out of order, and twice, now and then.
    ...(how >= 9 ? { queue: queue(Math.max(0, index - (how - 9))) } : {}),
  };
}

function wanted({ count, place, how }: Step): WantedPlaces {
  if (how % 3 === 0) {
    const seats = Array.from({ length: count }, (_, index) => (place + index * (1 + (how % 2))) % SEATS);
    return { by: 'seats', seats };
  }
  const category = categoryIdSchema.parse(CATEGORIES[place % CATEGORIES.length]);
  return { by: 'category', category, count, allowSplit: how % 4 !== 1, accessible: how === 8 };
}
