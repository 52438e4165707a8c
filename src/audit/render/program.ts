/** A program at a moment for people. */
import type { ProgramAudit } from '../answers.ts';
import { placeText } from '../hall.ts';
import { localTime } from '../moment.ts';
import { count, moneyText } from '../says.ts';
import { asOfText, foundByText, moneyRows, problemRows } from './facts.ts';
import { section, table } from './table.ts';

export const renderProgram = (audit: ProgramAudit): string => {
  const { stock, holds, orders, window } = audit;
  return [
    `Program ${audit.programId}`,
    ...table([
      ['As of', asOfText(audit.asOf)],
      ['Sale', saleText(audit, window)],
      ['Orders', String(orders.count)],
      ['Holds', `${holds.count} of ${holds.places} places`],
      ...moneyRows(audit.money),
      ['Found by', foundByText(audit.found)],
    ]),
    ...section('Stock', [
      ['category', 'price', 'capacity', 'held', 'sold', 'free'],
      ...stock.map(({ categoryId, priceMinor, capacity, held, sold, free }) => [
        categoryId,
        moneyText(priceMinor, audit.currency),
        ...[capacity, held, sold, free].map(String),
      ]),
    ]),
    ...section(
      'Orders by status',
      Object.entries(orders.byStatus).map(([status, counted]) => [
        status,
        count(counted.orders, 'order'),
        count(counted.tickets, 'ticket'),
        moneyText(counted.amountMinor, audit.currency),
      ]),
    ),
    ...section(
      'Live holds',
      holds.first.map(({ holdToken, buyer, places, expiresAtMs }) => [
        holdToken,
        buyer,
        `until ${localTime(expiresAtMs)}`,
        places.map(placeText).join(', '),
      ]),
    ),
    ...section(
      'Awaiting payment',
      orders.awaitingPayment.map(({ orderNumber, buyer, tickets, amountMinor, deadlineMs }) => [
        orderNumber,
        buyer ?? 'unknown',
        count(tickets, 'ticket'),
        moneyText(amountMinor, audit.currency),
        `until ${localTime(deadlineMs)}`,
      ]),
    ),
    ...section('Problems', problemRows(audit.found)),
  ].join('\n');
};

const saleText = (
  { ended }: Pick<ProgramAudit, 'ended'>,
  { opensAtMs, closesAtMs }: ProgramAudit['window'],
): string => {
  const hours = `from ${localTime(opensAtMs)} to ${localTime(closesAtMs)}`;
  return ended ? `${hours}, closed` : hours;
};
