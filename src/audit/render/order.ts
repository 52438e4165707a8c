/** An order's history for people. */
import type { OrderAudit, OrderStep, PersonAnswer } from '../answers.ts';
import { placeText } from '../hall.ts';
import { localTime } from '../moment.ts';
import { moneyText } from '../says.ts';
import { asOfText, eventRow, foundByText, modeText, moneyRows, problemRows, statusText } from './facts.ts';
import { section, table } from './table.ts';

export const renderOrder = (audit: OrderAudit): string => {
  const { tickets, payments, history, found } = audit;
  return [
    `Order ${audit.orderNumber}`,
    ...table(factRows(audit)),
    ...section(
      'Tickets',
      tickets.map(({ index, person, place, priceMinor, refunded }) => [
        String(index),
        personText(person),
        placeText(place),
        moneyText(priceMinor) + (refunded ? ', given back' : ''),
      ]),
    ),
    ...section(
      'Payments',
      payments.map((payment) => [
        payment.paymentNumber,
        payment.provider,
        payment.status,
        `${moneyText(payment.amountMinor, payment.currency)} asked for, ${moneyText(payment.capturedMinor)} captured, ` +
          `${moneyText(payment.refundedMinor)} refunded, ${moneyText(payment.refundingMinor)} on its way back` +
          (payment.strays === 0 ? '' : `, ${payment.strays} charges that pay nothing`),
      ]),
    ),
    '',
    'History',
    ...table(history.map(eventRow)).flatMap((line, index) => [line, ...causeLines(history[index])]),
    ...section('Problems', problemRows(found)),
  ].join('\n');
};

const factRows = (audit: OrderAudit): string[][] => [
  ['Made', localTime(audit.madeAtMs)],
  ['Program', audit.programId ?? 'unknown'],
  ['Buyer', audit.buyer ?? 'unknown'],
  ['Mode', modeText(audit.mode)],
  ['Status', statusText(audit)],
  ...(audit.amountMinor === null ? [] : [['Amount', moneyText(audit.amountMinor, audit.currency ?? '')]]),
  ...moneyRows(audit.money),
  ['As of', asOfText(audit.asOf)],
  ['Found by', foundByText(audit.found)],
];

/** The state behind an event, and what the event came from. */
const causeLines = (step: OrderStep | undefined): string[] => {
  if (step === undefined) return [];
  const cause = `        ${step.stream}@${step.revision}, caused by ${step.causationId}, request ${step.correlationId}`;
  if (step.after === null) return [cause];
  const { status, places, deadlineMs, money } = step.after;
  const parts = [
    status ?? 'unknown to the sale',
    ...(places.length === 0 ? [] : [places.map(placeText).join(', ')]),
    ...(deadlineMs !== null && (status === 'queued' || status === 'awaiting_payment')
      ? [`until ${localTime(deadlineMs)}`]
      : []),
    ...moneyRows(money).map(([, text = '']) => text),
  ];
  return [`      → ${parts.join('; ')}`, cause];
};

const personText = ({ ticketUser, shown, name, idNumber }: PersonAnswer): string => {
  if (name !== null) return idNumber === null ? name : `${name} ${idNumber}`;
  return `${ticketUser} (${shown})`;
};
