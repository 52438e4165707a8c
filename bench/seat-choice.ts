/**
 * What it costs to choose the best seats and to hold them, from an empty hall to a sold-out one, in halls of 1,000
 * to 100,000 seats: the cost should follow the party and the row, not the hall.
 */
import { parseArgs } from 'node:util';
import { createJournal } from '../src/domain/sale/cells.ts';
import {
  type Layout,
  layoutSchema,
  type PlaceOrder,
  type SaleState,
  saleDecider,
  saleTermsSchema,
} from '../src/domain/sale/index.ts';
import { chooseSeats } from '../src/domain/sale/seat-choice.ts';
import { createSeatPlan } from '../src/domain/sale/seat-plan.ts';
import { createSeating, occupySeat, refreshBlocksOf } from '../src/domain/sale/seating.ts';
import {
  categoryIdSchema,
  idDocumentHashSchema,
  orderNumberSchema,
  requestIdSchema,
  ticketUserIdSchema,
  userIdSchema,
} from '../src/domain/shared/ids.ts';
import { type Benchmark, UsageError } from './benchmark.ts';
import { median } from './support/statistics.ts';
import { cell, formatTable } from './support/table.ts';

const HALLS = [1_000, 10_000, 100_000];
const SEATS_PER_ROW = 40;
const LARGEST_PARTY = 4;
const MICROS_PER_MS = 1_000;
/** A small hall sells out before the code is compiled; it is sold as often as it takes to choose so many times. */
const CHOICES = 20_000;
const WARM_UP_CHOICES = 20_000;

type Samples = { readonly micros: number[]; readonly soldShare: number[] };
type Sell = (seats: number, random: () => number, samples: Samples) => void;

const run: Benchmark['run'] = async (args, signal) => {
  const { values } = parseArgs({ args: [...args], options: { seed: { type: 'string', default: '1' } } });
  const seed = Number(values.seed);
  if (!Number.isInteger(seed)) throw new UsageError('--seed is a whole number.');
  const rows: string[][] = [];
  for (const [label, sell] of [
    ['choose and hold', sellSeats],
    ['decide and fold an order', sellOrders],
  ] as const) {
    measure(sell, 10_000, seed, WARM_UP_CHOICES);
    for (const seats of HALLS) {
      signal.throwIfAborted();
      rows.push([
        `${label}, ${seats.toLocaleString('en')} seats`,
        ...figuresOf(measure(sell, seats, seed, CHOICES)),
      ]);
    }
  }
  const header = ['µs for a party of 1 to 4', 'choices', 'median', 'p99', 'mean', 'first 10 %', 'last 10 %'];
  process.stdout.write(`${formatTable(header, rows)}\n`);
};

export const seatChoice: Benchmark = {
  name: 'seat-choice',
  summary: 'choosing and holding the best seats, from an empty hall to a sold-out one',
  usage: ['--seed N    which parties come (1)'],
  run,
};

function measure(sell: Sell, seats: number, seed: number, choices: number): Samples {
  const samples: Samples = { micros: [], soldShare: [] };
  const random = randomFrom(seed);
  while (samples.micros.length < choices) sell(seats, random, samples);
  return samples;
}

function figuresOf({ micros, soldShare }: Samples): string[] {
  const sorted = [...micros].sort((one, other) => one - other);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const between = (from: number, to: number) =>
    micros.filter((_, index) => (soldShare[index] ?? 0) >= from && (soldShare[index] ?? 0) < to);
  return [
    micros.length.toLocaleString('en'),
    cell(median(sorted), 1),
    cell(sorted[Math.floor(sorted.length * 0.99)], 1),
    cell(mean(micros), 1),
    cell(median(between(0, 0.1)), 1),
    cell(median(between(0.9, 1)), 1),
  ];
}

function hallOf(seats: number): Layout {
  const rows = [{ rows: `1-${seats / SEATS_PER_ROW}`, seats: `1-${SEATS_PER_ROW}`, aislesAfter: '10,30' }];
  return layoutSchema.parse([
    { kind: 'seated', id: 'hall', priceMinor: 100, sections: [{ name: 'Hall', rows }] },
  ]);
}

/** The choice and the index alone. */
function sellSeats(seats: number, random: () => number, { micros, soldShare }: Samples): void {
  const seating = createSeating(createSeatPlan(hallOf(seats)), createJournal());
  for (let sold = 0; sold < seats; ) {
    const size = Math.min(1 + Math.floor(random() * LARGEST_PARTY), seats - sold);
    const startedAtMs = performance.now();
    const choice = chooseSeats(seating, 0, size, true);
    if (choice.kind !== 'chosen') throw new Error(`${seats - sold} seats are left, and none for ${size}.`);
    for (const seat of choice.seats) occupySeat(seating, seat, 1);
    refreshBlocksOf(seating, choice.seats);
    micros.push((performance.now() - startedAtMs) * MICROS_PER_MS);
    soldShare.push(sold / seats);
    sold += size;
  }
}

/** All of a sale's work for an order, but for storing it. */
function sellOrders(seats: number, random: () => number, { micros, soldShare }: Samples): void {
  const state: SaleState = saleDecider.initial();
  const terms = saleTermsSchema.parse({
    programId: 'bench',
    currency: 'CNY',
    layout: hallOf(seats),
    limits: { perOrder: LARGEST_PARTY, perBuyer: LARGEST_PARTY },
    oneTicketPerIdDocument: true,
    opensAtMs: 0,
    closesAtMs: 2,
    holdTtlMs: 1,
    paymentTtlMs: 1,
  });
  saleDecider.evolve(state, { type: 'SaleStarted', data: terms });
  for (let sold = 0, number = 1; sold < seats; number += 1) {
    const size = Math.min(1 + Math.floor(random() * LARGEST_PARTY), seats - sold);
    const order = orderOf(number, size);
    const startedAtMs = performance.now();
    const { outcome, events } = saleDecider.decide(order, state);
    for (const event of events) saleDecider.evolve(state, event);
    micros.push((performance.now() - startedAtMs) * MICROS_PER_MS);
    if (outcome.kind !== 'order_placed') throw new Error(`Order ${number} got ${JSON.stringify(outcome)}.`);
    soldShare.push(sold / seats);
    sold += size;
  }
}

const HALL = categoryIdSchema.parse('hall');
const hex = (number: number) => number.toString(16).padStart(8, '0').repeat(4);

function orderOf(number: number, size: number): PlaceOrder {
  return {
    type: 'PlaceOrder',
    nowMs: 1,
    orderNumber: orderNumberSchema.parse(String(number)),
    buyer: userIdSchema.parse(`buyer-${number}`),
    requestId: requestIdSchema.parse(hex(number)),
    ticketUsers: Array.from({ length: size }, (_, index) => ({
      ticketUser: ticketUserIdSchema.parse(`person-${number}-${index}`),
      idDocument: idDocumentHashSchema.parse(hex(number * LARGEST_PARTY + index)),
    })),
    want: { by: 'category', category: HALL, count: size },
  };
}

/** Mulberry32: the same parties for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
