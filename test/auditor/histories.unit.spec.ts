/** What the real domain decides is found sound, and a history that was changed afterwards is found out. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { someTerms, steps } from '../domain/sale/arbitraries.ts';
import { holds } from '../support/properties.ts';
import { auditOf, foundIn, logged, type Told } from './story.ts';
import { ELSEWHERE, wholeProgram } from './whole-program.ts';

const LATER_THAN_ALL_MS = 2 ** 52;
const histories = fc.tuple(someTerms, steps(100)).map(([terms, story]) => wholeProgram(terms, story));

/** Revisions are counted anew: whoever forges a log forges those too. */
const found = (story: readonly Told[]) => foundIn(auditOf(logged(story), LATER_THAN_ALL_MS));

describe('What the domain decides', () => {
  it('breaks nothing, whatever is asked of it', () => {
    holds(
      fc.property(histories, (story) => {
        expect(found(story)).toEqual([]);
      }),
      120,
    );
  });
});

type Data = Readonly<Record<string, unknown>>;
const dataOf = ({ event }: Told): Data => event.data;
const isOurs = (told: Told): boolean => dataOf(told)['programId'] !== ELSEWHERE;

/** Why a log without this event, or with it twice, could have been written by an honest engine. */
const isHarmless = (story: readonly Told[], index: number, how: 'dropped' | 'doubled'): boolean => {
  const told = story[index];
  const type = told?.event.type;
  const behind = story.slice(index + 1);
  switch (type) {
    // The hours say when something may be sold: without a change, or with it again, they may have allowed all the same.
    case 'SaleRescheduled':
      return true;
    // Money that was not given back yet is awaited.
    case 'RefundCompleted':
      return how === 'dropped';
    // A sale may have forgotten the order by then: the payment's stream says that the money goes back.
    case 'LatePaymentRefused':
      return how === 'dropped';
    // All tickets may go back before they were made out.
    case 'TicketsIssued':
      return how === 'dropped' && isFullyRefunded(story, dataOf(told as Told)['orderNumber']);
    case 'SaleStarted':
      return how === 'dropped' && !behind.some(({ stream }) => stream === told?.stream);
    default:
      return false;
  }
};

function isFullyRefunded(story: readonly Told[], orderNumber: unknown): boolean {
  let tickets = 0;
  let refunded = 0;
  for (const { event } of story) {
    if (!('orderNumber' in event.data) || event.data.orderNumber !== orderNumber) continue;
    if (event.type === 'OrderPlaced') tickets = event.data.tickets.length;
    if (event.type === 'OrderRefunded') refunded += event.data.tickets.length;
  }
  return tickets === refunded;
}

const pointed = fc.tuple(histories, fc.nat());

function oneOfOurs(story: readonly Told[], at: number): number {
  const ours = story.flatMap((told, index) => (isOurs(told) ? [index] : []));
  return ours[at % ours.length] ?? 0;
}

describe('A history', () => {
  it('from which an event was taken is found out, or could have been so', () => {
    const property = fc.property(pointed, ([story, at]) => {
      const index = oneOfOurs(story, at);
      if (isHarmless(story, index, 'dropped')) return;
      expect(found(story.filter((_, other) => other !== index))).not.toEqual([]);
    });
    holds(property, 120);
  });

  it('in which an event was written twice is found out, or could have been so', () => {
    const property = fc.property(pointed, ([story, at]) => {
      const index = oneOfOurs(story, at);
      if (isHarmless(story, index, 'doubled')) return;
      const twice = story.flatMap((told, other) => (other === index ? [told, told] : [told]));
      expect(found(twice)).not.toEqual([]);
    });
    holds(property, 120);
  });

  it('in which an effect was put before its cause is found out', () => {
    const property = fc.property(pointed, ([story, at]) => {
      const pairs = causesIn(story);
      const pair = pairs[at % Math.max(1, pairs.length)];
      if (pair === undefined) return;
      const [cause, effect] = pair;
      const swapped = story.map(
        (told, index) => story[index === cause ? effect : index === effect ? cause : index] ?? told,
      );
      expect(found(swapped)).not.toEqual([]);
    });
    holds(property, 120);
  });

  it('in which an event says something else is found out', () => {
    const property = fc.property(pointed, fc.nat(), ([story, at], how) => {
      const changes = story.flatMap((told, index) => changesTo(told).map((data) => ({ index, data })));
      const change = changes[(at + how) % changes.length];
      if (change === undefined) return;
      const altered = story.map((told, index) =>
        index === change.index ? ({ ...told, event: { ...told.event, data: change.data } } as Told) : told,
      );
      expect(found(altered)).not.toEqual([]);
    });
    holds(property, 120);
  });
});

/** Which events cannot be without which before them, and by which field they are known to be of one thing. */
const CAUSES: Readonly<Record<string, readonly [field: string, ...causes: string[]]>> = {
  HoldReleased: ['holdToken', 'SeatsHeld'],
  HoldExpired: ['holdToken', 'SeatsHeld'],
  OrderCancelled: ['orderNumber', 'OrderPlaced'],
  OrderExpired: ['orderNumber', 'OrderPlaced'],
  OrderReseated: ['orderNumber', 'OrderCancelled', 'OrderExpired'],
  LatePaymentRefused: ['orderNumber', 'OrderCancelled', 'OrderExpired'],
  OrderPaid: ['paymentNumber', 'PaymentCaptured'],
  TicketsIssued: ['orderNumber', 'OrderPaid'],
  OrderRefunded: ['orderNumber', 'OrderPaid'],
  PaymentCaptured: ['paymentNumber', 'PaymentRequested'],
  RefundRequested: ['paymentNumber', 'PaymentCaptured'],
  RefundCompleted: ['refundId', 'RefundRequested'],
  OrderRejected: ['orderNumber', 'OrderQueued'],
};

function causesIn(story: readonly Told[]): [number, number][] {
  return story.flatMap((told, effect): [number, number][] => {
    const [field = '', ...types] = CAUSES[told.event.type] ?? [];
    const cause = story.findIndex(
      (other) => types.includes(other.event.type) && dataOf(other)[field] === dataOf(told)[field],
    );
    return cause === -1 || cause > effect ? [] : [[cause, effect]];
  });
}

/** What is said once more somewhere else, so that it cannot be changed in one place. */
function changesTo(told: Told): Data[] {
  const data = dataOf(told);
  if (!isOurs(told)) return [];
  const { amountMinor, orderNumber, places, deadlineMs } = data;
  const changes: Data[] = [];
  const { type } = told.event;
  if (typeof amountMinor === 'number' && type !== 'LatePaymentRefused') {
    changes.push({ ...data, amountMinor: amountMinor + 1 });
  }
  if (typeof orderNumber === 'string') changes.push({ ...data, orderNumber: `77${orderNumber}` });
  if (Array.isArray(places)) changes.push({ ...data, places: [...places.slice(1), [0, 5_000]] });
  if (type === 'OrderPlaced' && typeof deadlineMs === 'number') changes.push({ ...data, deadlineMs: 0 });
  return changes;
}
