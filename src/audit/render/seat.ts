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
    ...section(
      'Owners',
      audit.ownerships.map((one) =>
        ownershipRow(one, audit.asOf.asked === null ? 'until now' : 'still then'),
      ),
    ),
    ...section('Problems', problemRows(audit)),
  ].join('\n');

const ownerText = ({ state, buyer, orderNumber, holdToken }: Ownership): string => {
  const what = orderNumber === null ? `hold ${holdToken ?? ''}` : `order ${orderNumber}`;
  return `${state} ${state === 'sold' ? 'to' : 'by'} ${buyer ?? 'unknown'}, ${what}`;
};

/** `open`: what is said of the one who has it. */
const ownershipRow = (one: Ownership, open: string): string[] => [
  `${localTime(one.from.recordedAtMs)} (${one.from.position})`,
  one.until === null ? open : `${localTime(one.until.recordedAtMs)} (${one.until.position})`,
  ownerText(one),
  one.state === 'ordered' ? modeText(one.from.mode) : '',
  one.ended ?? '',
];
