/** The line of a progress bar: as much of it as there is room for, and never more than a line. */

export type Said = {
  readonly name: string;
  readonly phase: string;
  readonly percent: number;
  readonly events: string;
  /** With the comma before them; empty while nothing can be said. */
  readonly rate: string;
  readonly left: string;
};

const MAX_BAR = 40;
/** Less than this is no picture of anything. */
const MIN_BAR = 10;
const PERCENT = 100;

/** Leaves the last column free: some terminals go on to the next line once it is written. */
export const barLine = (said: Said, columns: number): string => {
  const { name, phase, percent, events, rate, left } = said;
  const room = Math.max(0, columns - 1);
  const counts = `${events} events${rate}${left}`;
  const withBar = (bar: string): string => `${name} ${phase} ${bar} ${percent}% | ${counts}`;
  const barRoom = Math.min(MAX_BAR, room - withBar('').length);
  const lines = [
    ...(barRoom >= MIN_BAR ? [withBar(drawn(percent, barRoom))] : []),
    `${name} ${phase} ${percent}% | ${counts}`,
    `${name} ${percent}% | ${counts}`,
    `${name} ${percent}%${rate}${left}`,
    `${name} ${percent}%${left}`,
  ];
  return lines.find((line) => line.length <= room) ?? `${percent}% ${name}`.slice(0, room);
};

const drawn = (percent: number, width: number): string => {
  const done = Math.round((percent * width) / PERCENT);
  return '█'.repeat(done) + '░'.repeat(width - done);
};
