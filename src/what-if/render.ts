/** A comparison for people: what was recorded, what a replay of it came to, and what it would have come to. */

import { table } from '../audit/render/table.ts';
import { moneyText } from '../audit/says.ts';
import type { Comparison } from './compare.ts';
import type { Counts, Figures } from './figures.ts';
import type { Settings } from './settings.ts';

type Row = {
  readonly name: string;
  readonly of: (figures: Figures) => number;
  readonly isMoney?: true;
  /** Left out where it is nothing everywhere. */
  readonly isRare?: true;
};

export const renderComparison = (answer: Comparison): string => {
  const { settings, recorded, baseline, whatIf } = answer;
  const show = ({ isMoney }: Row, value: number): string =>
    isMoney ? moneyText(value, answer.currency) : String(value);
  const lines = rowsOf([recorded, baseline, whatIf])
    .filter(({ of, isRare }) => !isRare || [recorded, baseline, whatIf].some((figures) => of(figures) !== 0))
    .map((row) => {
      const change = row.of(whatIf) - row.of(baseline);
      const difference = change === 0 ? '' : `${change > 0 ? '+' : ''}${show(row, change)}`;
      const columns = [recorded, baseline, whatIf].map((figures) => show(row, row.of(figures)));
      return [row.name, ...columns, difference];
    });
  return [
    `What if ${answer.programId} had been sold otherwise`,
    ...table([
      ['', 'recorded', 'baseline', 'what if', 'difference'],
      ...settingRows(settings.recorded, settings.whatIf),
      ...lines,
    ]),
    '',
    ...faithText(answer),
    ...knownText(answer),
    '',
    'How a replay takes it:',
    ...answer.model.map((sentence) => `- ${sentence}`),
  ].join('\n');
};

const ORDERS: readonly Row[] = [
  { name: 'orders placed', of: ({ orders }) => orders.placed },
  { name: 'orders paid', of: ({ orders }) => orders.paid },
  { name: 'orders cancelled', of: ({ orders }) => orders.cancelled },
  { name: 'orders expired', of: ({ orders }) => orders.expired },
  { name: 'orders open at the end', of: ({ orders }) => orders.open },
  { name: 'too late to pay', of: ({ orders }) => orders.tooLateToPay, isRare: true },
  { name: 'late payments seated', of: ({ orders }) => orders.latePaymentsSeated, isRare: true },
  { name: 'late payments refused', of: ({ orders }) => orders.latePaymentsRefused, isRare: true },
  { name: 'refunds', of: ({ orders }) => orders.refunded, isRare: true },
  { name: 'orders repeated', of: ({ orders }) => orders.repeated, isRare: true },
];

const HOLDS: readonly Row[] = [
  { name: 'holds taken', of: ({ holds }) => holds.taken },
  { name: 'holds ordered', of: ({ holds }) => holds.ordered, isRare: true },
  { name: 'holds released', of: ({ holds }) => holds.released, isRare: true },
  { name: 'holds expired', of: ({ holds }) => holds.expired, isRare: true },
];

const SEATS: readonly Row[] = [
  { name: 'tickets sold', of: ({ seats }) => seats.sold },
  { name: 'tickets held at the end', of: ({ seats }) => seats.held },
  { name: 'stranded seats', of: ({ seats }) => seats.stranded },
  { name: 'parties together', of: ({ parties }) => parties.together },
  { name: 'parties in two rows', of: ({ parties }) => parties.inTwoRows },
  { name: 'parties apart', of: ({ parties }) => parties.apart },
  { name: 'captured', of: ({ money }) => money.capturedMinor, isMoney: true },
  { name: 'refunded', of: ({ money }) => money.refundedMinor, isMoney: true, isRare: true },
  { name: 'revenue', of: ({ money }) => money.revenueMinor, isMoney: true },
];

const rowsOf = (all: readonly Figures[]): readonly Row[] => [
  ...ORDERS,
  ...refusalRows(all, 'orders', 'refused'),
  ...HOLDS,
  ...refusalRows(all, 'holds', 'holds refused'),
  ...SEATS,
];

function refusalRows(all: readonly Figures[], what: 'orders' | 'holds', name: string): Row[] {
  const countsIn = (figures: Figures): Counts => figures[what].refused;
  const codes = [...new Set(all.flatMap((figures) => Object.keys(countsIn(figures))))].sort();
  return codes.map((code) => ({ name: `${name}: ${code}`, of: (figures) => countsIn(figures)[code] ?? 0 }));
}

const SETTINGS: readonly (readonly [string, (settings: Settings) => string])[] = [
  ['hold-ttl', ({ holdTtlMs }) => seconds(holdTtlMs)],
  ['payment-ttl', ({ paymentTtlMs }) => seconds(paymentTtlMs)],
  ['limit', ({ perBuyer }) => String(perBuyer)],
  ['per-order', ({ perOrder }) => String(perOrder)],
  ['seat-policy', ({ seatPolicy }) => seatPolicy],
];

const settingRows = (recorded: Settings, whatIf: Settings): string[][] =>
  SETTINGS.map(([name, show]) => {
    const [then, now] = [show(recorded), show(whatIf)];
    return [name, then, then, now, then === now ? '' : 'changed'];
  });

const seconds = (ms: number): string => `${ms / 1_000} s`;

function faithText({ isFaithful, firstDifference, events }: Comparison): string[] {
  if (isFaithful) {
    return [`The baseline came to the same ${events} events as the record, one by one.`];
  }
  const { revision = 0, recorded, baseline } = firstDifference ?? {};
  return [
    `The baseline is not what was recorded: at revision ${revision} the record has ${recorded ?? 'nothing'},`,
    `the replay ${baseline ?? 'nothing'}. Do not rely on the figures.`,
  ];
}

function knownText({ known, newcomers }: Comparison): string[] {
  const { queuedOrders, directOrders, wishesUnknown, queuedOrdersLost } = known;
  const lines = [
    `${queuedOrders} orders came through the queue and are all known, whatever became of them.`,
    `${directOrders} came directly: how many others were refused beside them, the log does not say.`,
  ];
  if (wishesUnknown > 0) lines.push(`Of ${wishesUnknown} it is not known how they chose their seats.`);
  if (queuedOrdersLost > 0) lines.push(`${queuedOrdersLost} queued orders are not in the queue any more.`);
  if (newcomers > 0) lines.push(`${newcomers} got an order that were refused then: they do what others did.`);
  return lines;
}
