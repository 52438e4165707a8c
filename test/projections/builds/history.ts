/** Something of everything that the read models show, drawn by chance, and different in every chapter. */
import fc from 'fast-check';
import { programStream } from '../../../src/domain/program/index.ts';
import { saleStream } from '../../../src/domain/sale/index.ts';
import type { EngineEvent } from '../../../src/projections/registry.ts';
import * as program from '../../domain/program/fixtures.ts';
import { someTerms, steps } from '../../domain/sale/arbitraries.ts';
import { idOf, terms } from '../../domain/sale/fixtures.ts';
import { flashSale, type InStream } from '../flash-sale.ts';
import { paymentSteps, playPayments } from '../payment-stories.ts';
import { play } from '../sale-story.ts';

/** Leaves the last eight bits, which name the partition, and more room than one chapter's numbers take. */
const NUMBERS_A_CHAPTER = 2n ** 45n;

/** One chapter after the other can be in one log: programs, orders and payments of each have names of their own. */
export const chapter = (seed: number, number: number, orders = 40): readonly InStream[] => {
  const told = fc.sample(fc.tuple(someTerms, steps(120), paymentSteps), {
    numRuns: 1,
    seed: seed + number,
  })[0];
  if (told === undefined) throw new Error('A sample has one value.');
  const [some, story, payments] = told;
  const { published, scheduled, opened } = program;
  return [
    ...[published, scheduled, opened].map((event) => ({ stream: programStream(program.programId), event })),
    ...play(some, story).events,
    ...heldSeats(),
    ...playPayments(payments).events,
    ...aStray(),
    ...flashSale(orders),
  ].map((one) => renamed(one, number));
};

/** What chance may leave out: a deadline, and a charge that pays nothing. */
const heldSeats = (): readonly InStream[] => {
  const sale = terms({ programId: 'held' });
  const stream = saleStream(sale.programId);
  const held = {
    ...{ holdToken: idOf.hold('h'), buyer: idOf.user('holder'), places: [[0, 0]] as [number, number][] },
    ...{ together: 'row' as const, content: 1, expiresAtMs: 5_000_000 },
  };
  return [
    { stream, event: { type: 'SaleStarted', data: sale } },
    { stream, event: { type: 'SeatsHeld', data: held } },
  ];
};

const aStray = (): readonly InStream[] =>
  playPayments([
    { payment: 5, what: 'request', which: 0, part: 1, isOdd: false, attempt: 1 },
    { payment: 5, what: 'capture', which: 0, part: 1, isOdd: true, attempt: 1 },
  ]).events.map(({ stream, event }) => ({
    stream: `${stream}00`,
    event: withNumbers(event, (number) => `${number}00`),
  }));

const renamed = ({ stream, event }: InStream, chapterNumber: number): InStream => {
  const further = (number: string) => String(BigInt(number) + NUMBERS_A_CHAPTER * BigInt(chapterNumber));
  const [category, id = ''] = stream.split(/-(.*)/s);
  const own = `${id}-${chapterNumber}`;
  const moved = category === 'Payment' ? further(id) : category === 'OrderQueue' ? id : own;
  return { stream: `${category}-${moved}`, event: withNumbers(event, further, `-${chapterNumber}`) };
};

const withNumbers = (event: EngineEvent, number: (before: string) => string, suffix = ''): EngineEvent => {
  const changed: EngineEvent = JSON.parse(JSON.stringify(event), (key, value: unknown) => {
    if (typeof value !== 'string') return value;
    if (key === 'programId') return `${value}${suffix}`;
    return ['orderNumber', 'paymentNumber', 'of'].includes(key) && /^\d+$/.test(value)
      ? number(value)
      : value;
  });
  return changed;
};
