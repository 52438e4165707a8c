/** A buyer's orders for people. */
import type { BuyerAudit } from '../answers.ts';
import { placeText } from '../hall.ts';
import { localTime } from '../moment.ts';
import { moneyText } from '../says.ts';
import { asOfText, modeText, moneyRows, problemRows, statusText } from './facts.ts';
import { section, table } from './table.ts';

export const renderBuyer = (audit: BuyerAudit): string =>
  [
    `Orders of ${audit.buyer}: ${audit.orders.length}${audit.more ? ', and older ones' : ''}`,
    ...table([...moneyRows(audit.money), ['As of', asOfText(audit.asOf)]]),
    ...section(
      'Orders',
      audit.orders.map((order) => [
        order.orderNumber,
        localTime(order.firstEvent.recordedAtMs),
        order.programId ?? 'unknown',
        statusText(order),
        modeText(order.mode),
        order.amountMinor === null ? '' : moneyText(order.amountMinor, order.currency ?? ''),
        order.places.map(placeText).join(', '),
      ]),
    ),
    ...section('Problems', problemRows(audit.found)),
  ].join('\n');
