/** The owners of a seat for people. */
import type { Ownership, SeatAudit } from '../answers.ts';
import { placeText } from '../hall.ts';
import { localTime } from '../moment.ts';
import { asOfText, modeText, problemRows } from './facts.ts';
import { section, table } from './table.ts';

export const renderSeat = (audit: SeatAudit): string =>
  [
    `Seat ${placeText(audit.place)} of ${audit.programId}`,
    ...table([
      ['Kind', audit.kind],
      ['Owner', audit.owner === null ? 'nobody: it is free' : ownerText(audit.owner)],
      ['As of', asOfText(audit.asOf)],
    ]),
    ...section('Owners', audit.ownerships.map(ownershipRow)),
    ...section('Problems', problemRows(audit)),
  ].join('\n');

const ownerText = ({ state, buyer, orderNumber, holdToken }: Ownership): string => {
  const what = orderNumber === null ? `hold ${holdToken ?? ''}` : `order ${orderNumber}`;
  return `${state} ${state === 'sold' ? 'to' : 'by'} ${buyer ?? 'unknown'}, ${what}`;
};

const ownershipRow = (one: Ownership): string[] => [
  `${localTime(one.from.recordedAtMs)} (${one.from.position})`,
  one.until === null ? 'until now' : `${localTime(one.until.recordedAtMs)} (${one.until.position})`,
  ownerText(one),
  one.state === 'ordered' ? modeText(one.from.mode) : '',
  one.ended ?? '',
];
