/** What several answers have in common, as text. */
import type { AsOf, EventAnswer, Found, OrderFacts } from '../answers.ts';
import { localTime } from '../moment.ts';
import type { Money } from '../money.ts';
import { moneyText } from '../says.ts';

export const asOfText = ({ machineTime, asked, event }: AsOf): string => {
  const upTo =
    event === null ? 'before anything' : `position ${event.position}, ${localTime(event.recordedAtMs)}`;
  if (asked === null) return upTo;
  return machineTime === null ? `${asked}: ${upTo}` : `${machineTime}: ${upTo}`;
};

export const moneyRows = (money: readonly Money[]): string[][] =>
  money.map(({ currency, capturedMinor, issuedMinor, refundedMinor, awaitingMinor }) => [
    'Money',
    `${moneyText(capturedMinor, currency)} captured = ${moneyText(issuedMinor)} issued + ` +
      `${moneyText(refundedMinor)} refunded + ${moneyText(awaitingMinor)} awaiting`,
  ]);

export const modeText = (mode: string | null): string => mode ?? 'not recorded';

export const statusText = ({
  status,
  refusal,
  repeats,
}: Pick<OrderFacts, 'status' | 'refusal' | 'repeats'>): string => {
  if (status === null) return 'unknown to the sale';
  if (repeats !== null) return `${status}: of order ${repeats}`;
  return refusal === null ? status : `${status}: ${refusal}`;
};

/** Who, when, in which way, because of what. */
export const eventRow = (event: EventAnswer): string[] => [
  localTime(event.recordedAtMs),
  event.position,
  event.type,
  event.mode === null ? event.actor : `${event.actor} (${event.mode})`,
  event.says,
];

export const problemRows = ({
  indexProblems = [],
  unreadable,
}: Partial<Found> & Pick<Found, 'unreadable'>): string[][] =>
  [...indexProblems, ...unreadable].map((sentence) => [sentence]);

export const foundByText = ({ by }: Pick<Found, 'by'>): string => FOUND_BY[by];

const FOUND_BY = {
  index: 'the index, checked against the log',
  streams: 'the streams of the program',
  log: 'the whole log',
} as const;
