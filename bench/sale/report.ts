/** The rounds of all sellers as tables, and what was aimed at beside what was reached. */
import type { Machine } from '../support/machine.ts';
import { median } from '../support/statistics.ts';
import { cell, formatTable } from '../support/table.ts';
import { type Figures, partNames } from './measure.ts';
import { type SellerName, sellerNames } from './seller.ts';

export type Turn = {
  /** Seats for everybody. */
  readonly accepted: Figures;
  /** Seats for nobody. */
  readonly refused: Figures;
  /** From the last answer until every order was decided and in every read model. */
  readonly settledSeconds: number;
  /** What the engine has logged meanwhile as a warning or worse: Redis that was late has let orders through. */
  readonly warnings: number;
};
export type Round = Readonly<Record<SellerName, Turn>>;

type Phase = 'accepted' | 'refused';

const titles: Readonly<Record<SellerName, string>> = {
  plain: 'plain design',
  floor: 'floor',
  v3: 'v3',
  v4: 'v4',
};

const targets = [
  { name: 'v3 ÷ plain design', of: 'v3', by: 'plain', atLeast: 8 },
  { name: 'v4, acknowledged ÷ plain design', of: 'v4', by: 'plain', atLeast: 16 },
  { name: 'v3 ÷ floor', of: 'v3', by: 'floor', atLeast: 0.6 },
] as const;

export const report = (rounds: readonly Round[], seats: number, machine: Machine): string => {
  const { cpus, cpuModel, node, fsyncMicros } = machine;
  const others = median(
    rounds.flatMap((round) => sellerNames.map((name) => round[name].accepted.othersCpus)),
  );
  const settled = (name: SellerName): string =>
    cell(median(rounds.map((round) => round[name].settledSeconds)), 1);
  const warnings = rounds
    .flatMap((round) => sellerNames.map((name) => round[name].warnings))
    .reduce((sum, count) => sum + count, 0);
  return [
    `${seats} seats, medians of ${rounds.length} rounds; ${cpus} × ${cpuModel}, Node ${node},`,
    `write and fsync of 4 KiB ${fsyncMicros} µs; others used ${cell(others, 2)} CPUs meanwhile`,
    '',
    table('accepted', rounds),
    '',
    table('refused', rounds),
    '',
    formatTable(
      ['', 'reached', 'aimed at', ''],
      targets.map((target) => targetRow(target, rounds)),
    ),
    '',
    'CPU in µs for each answer. After the last answer every order was decided and in every read model within',
    `${settled('v3')} s in v3, ${settled('v4')} s in v4. ${warnings} warnings of the engine.`,
  ].join('\n');
};

const table = (phase: Phase, rounds: readonly Round[]): string => {
  const title = phase === 'accepted' ? 'seats for all' : 'sold out';
  const rows = sellerNames.map((name) => {
    const own = rounds.map((round) => round[name][phase]);
    return [
      titles[name],
      cell(median(own.map(({ perSecond }) => perSecond))),
      cell(ratio(rounds, phase, name, 'plain'), 2),
      cell(ratio(rounds, phase, name, 'floor'), 2),
      ...partNames.map((part) => cell(median(own.map(({ micros }) => micros[part])))),
    ];
  });
  const header = [
    title,
    'per second',
    'of plain',
    'of floor',
    'server',
    'store',
    'Redis',
    'PostgreSQL',
    'load',
  ];
  return formatTable(header, rows);
};

/** The median of each round's own, which a machine that is slower for a while does not move. */
const ratio = (rounds: readonly Round[], phase: Phase, of: SellerName, by: SellerName): number =>
  median(rounds.map((round) => round[of][phase].perSecond / round[by][phase].perSecond));

const targetRow = (
  { name, of, by, atLeast }: (typeof targets)[number],
  rounds: readonly Round[],
): string[] => {
  const reached = ratio(rounds, 'accepted', of, by);
  return [name, cell(reached, 2), `≥ ${atLeast}`, reached >= atLeast ? 'met' : 'missed'];
};
