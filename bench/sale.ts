/**
 * A flash sale over HTTP, sold by the engine as it is started for its users, by the plain design and by the floor, in
 * one run on the same stores: the ratios that the engine is aimed at.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { randomKeys } from '../test/support/engine-beside.ts';
import { type Benchmark, UsageError } from './benchmark.ts';
import { type Measured, measurePhase } from './sale/measure.ts';
import { type Round, report, type Turn } from './sale/report.ts';
import type { Seller, SellerName } from './sale/seller.ts';
import { openSellers } from './sale/sellers.ts';
import { openEngine } from './support/engine.ts';
import { describeMachine } from './support/machine.ts';
import { cell } from './support/table.ts';

const FOLDER = join('.data', 'bench');
const SEATS_PER_ROW = 40;
/** Enough for the compilers of all processes. */
const WARM_UP_SEATS = 2_000;

/** What would refuse or give up an order for another reason than that there are no seats. */
const UNLIMITED = {
  SEATLOG_USER_WRITES_PER_SECOND: '0',
  SEATLOG_ADDRESS_WRITES_PER_SECOND: '0',
  SEATLOG_QUEUE_TTL_MS: '600000',
  SEATLOG_DEMO: 'off',
};

const run: Benchmark['run'] = async (args, signal) => {
  const options = {
    seats: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '64' },
    pool: { type: 'string', default: '10' },
    'known-buyers': { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  const [seats, rounds, connections, poolMax] = [
    wholeRows(values.seats),
    Number(values.rounds),
    Number(values.connections),
    Number(values.pool),
  ];
  for (const number of [seats, rounds, connections, poolMax]) {
    if (!(Number.isInteger(number) && number > 0)) {
      throw new UsageError('--seats, --rounds, --connections and --pool are whole numbers, 1 or more.');
    }
  }
  const keys = randomKeys();
  const engine = await openEngine(FOLDER, { ...keys.settings, ...UNLIMITED });
  try {
    const knownBuyers = values['known-buyers'];
    const sellers = await openSellers({ engine, tokenKey: keys.token, connections, poolMax, knownBuyers });
    try {
      const measured = await measureRounds({ engine, sellers }, { seats, rounds, signal });
      process.stdout.write(`${report(measured, seats, describeMachine(FOLDER))}\n`);
    } finally {
      await sellers.close();
    }
  } finally {
    await engine.close();
  }
};

export const sale: Benchmark = {
  name: 'sale',
  summary: 'a flash sale over HTTP: v3 and v4 against the plain design and the floor',
  usage: [
    '--seats N         of each sale, and buyers who get one, and buyers who come too late (10000)',
    '--rounds N        sales of each, after one that is not counted (3)',
    '--connections N   at a time (64)',
    '--pool N          connections of the plain design to PostgreSQL (10)',
    '--known-buyers    all have ordered elsewhere a moment ago: the engine need not read their accounts',
  ],
  run,
};

/** Every row of the hall has as many seats. */
const wholeRows = (seats: string): number => Math.ceil(Number(seats) / SEATS_PER_ROW) * SEATS_PER_ROW;

type Plan = { readonly seats: number; readonly rounds: number; readonly signal: AbortSignal };

const measureRounds = async (
  measured: Measured,
  { seats, rounds, signal }: Plan,
): Promise<readonly Round[]> => {
  const done: Round[] = [];
  for (let round = 0; round <= rounds; round++) {
    const turns: Partial<Record<SellerName, Turn>> = {};
    for (const [index, seller] of measured.sellers.all.entries()) {
      signal.throwIfAborted();
      const number = 1 + round * measured.sellers.all.length + index;
      const warmUp = round === 0;
      const turn = await sellOut(measured, seller, warmUp ? Math.min(seats, WARM_UP_SEATS) : seats, number);
      turns[seller.name] = turn;
      process.stderr.write(`${warmUp ? 'warm-up' : `round ${round}`}, ${seller.name}: ${lineOf(turn)}\n`);
    }
    if (round > 0) done.push(wholeRound(turns));
  }
  return done;
};

const sellOut = async (measured: Measured, seller: Seller, seats: number, number: number): Promise<Turn> => {
  const { first, late, settle } = await seller.open(seats, number);
  const warningsBefore = measured.engine.warnings().length;
  const accepted = await measurePhase(measured, seller, first, seller.isAccepted);
  const settledSeconds = await settle();
  const refused = await measurePhase(measured, seller, late, seller.isSoldOut);
  await settle();
  const warnings = measured.engine.warnings().length - warningsBefore;
  return { accepted, refused, settledSeconds, warnings };
};

const lineOf = ({ accepted, refused, settledSeconds, warnings }: Turn): string =>
  `${cell(accepted.perSecond)} orders a second, settled after ${cell(settledSeconds, 1)} s, ` +
  `${cell(refused.perSecond)} refusals a second` +
  (warnings === 0 ? '' : `, ${warnings} warnings`);

const wholeRound = ({ plain, floor, v3, v4 }: Partial<Record<SellerName, Turn>>): Round => {
  if (plain === undefined || floor === undefined || v3 === undefined || v4 === undefined) {
    throw new Error('Somebody has not sold in this round.');
  }
  return { plain, floor, v3, v4 };
};
