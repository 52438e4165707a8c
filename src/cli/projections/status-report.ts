/** How every read model is, as a table and as JSON. */
import type { ProjectionSeen } from '../../engine/projections-seen.ts';
import { type Behind, TAIL_MAX_EVENTS } from './log-tail.ts';
import { type Column, renderTable } from './table.ts';

export type StatusRow = ProjectionSeen & {
  /** Undefined where the log is not to be reached. */
  readonly behind: Behind | undefined;
  readonly lagNowMs: number | undefined;
};

export const statusRow = (seen: ProjectionSeen, behind: Behind | undefined, nowMs: number): StatusRow => ({
  ...seen,
  behind,
  lagNowMs: lagOf(seen, behind, nowMs),
});

/** The log knows best; where it is not read that far back, whoever runs the projection says what it knows. */
const lagOf = ({ lagMs }: ProjectionSeen, behind: Behind | undefined, nowMs: number): number | undefined => {
  if (behind === undefined) return lagMs;
  if (behind.isExact && behind.events === 0) return 0;
  const oldestMs = behind.oldestRecordedAtMs;
  const counted = oldestMs === undefined ? undefined : Math.max(0, nowMs - oldestMs);
  return behind.isExact ? counted : (lagMs ?? counted);
};

const columns: readonly Column<StatusRow>[] = [
  { title: 'NAME', align: 'left', cell: ({ name }) => name },
  { title: 'STORE', align: 'left', weight: 1, cell: ({ store }) => store },
  { title: 'VERSION', align: 'left', weight: 3, cell: versionOf },
  { title: 'BUILD', align: 'right', weight: 2, cell: ({ build }) => build?.toString() ?? '-' },
  {
    title: 'POSITION',
    align: 'right',
    weight: 5,
    cell: ({ position }) => (position < 0n ? '-' : position.toString()),
  },
  { title: 'LAG (EVENTS)', align: 'right', weight: 7, cell: ({ behind }) => eventsOf(behind) },
  { title: 'LAG (MS)', align: 'right', weight: 6, cell: ({ lagNowMs }) => rounded(lagNowMs) },
  { title: 'EVENTS/S', align: 'right', weight: 4, cell: ({ eventsPerSecond }) => rounded(eventsPerSecond) },
  { title: 'STATE', align: 'left', cell: ({ state }) => state.replace('_', ' ') },
];

/** Lines; those of the table are at most so wide. */
export const renderStatus = (rows: readonly StatusRow[], maxWidth?: number): readonly string[] => [
  ...renderTable(columns, rows, maxWidth),
  ...rows.flatMap(notesOf),
];

function versionOf({ version, codeVersion }: StatusRow): string {
  return needsRebuild({ version, codeVersion }) ? `${version} (code ${codeVersion})` : version.toString();
}

const needsRebuild = ({ version, codeVersion }: Pick<StatusRow, 'version' | 'codeVersion'>): boolean =>
  codeVersion > version;

const eventsOf = (behind: Behind | undefined): string => {
  if (behind === undefined) return '?';
  if (behind.isExact) return behind.events.toLocaleString('en-US');
  return `${Math.min(behind.events, TAIL_MAX_EVENTS).toLocaleString('en-US')}+`;
};

const rounded = (value: number | undefined): string =>
  value === undefined ? '-' : Math.round(value).toLocaleString('en-US');

/** What a person has to know or do. */
const notesOf = (row: StatusRow): readonly string[] => {
  const { name, version, codeVersion, stopped, lastError } = row;
  const isSaid = stopped !== undefined && lastError?.message === stopped.error;
  return [
    ...(needsRebuild(row)
      ? [
          `${name}: filled by version ${version}, the code has ${codeVersion}: seatlog projections rebuild ${name}`,
        ]
      : []),
    ...(stopped === undefined
      ? []
      : [
          `${name}: stopped at ${stopped.type}, ${stopped.stream}@${stopped.revision}, ` +
            `position ${stopped.position}: ${oneLine(stopped.error)}`,
        ]),
    ...(lastError === undefined || isSaid
      ? []
      : [`${name}: last error, ${new Date(lastError.atMs).toISOString()}: ${oneLine(lastError.message)}`]),
  ];
};

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** What is not known is null; positions are text, because they are more than a JSON number holds. */
export const statusAsJson = (rows: readonly StatusRow[], end: bigint | undefined, nowMs: number) => ({
  atMs: nowMs,
  logEnd: end?.toString() ?? null,
  projections: rows.map((row) => ({
    name: row.name,
    store: row.store,
    version: row.version,
    codeVersion: row.codeVersion,
    needsRebuild: needsRebuild(row),
    build: row.build ?? null,
    position: row.position < 0n ? null : row.position.toString(),
    lagEvents: row.behind?.events ?? null,
    /** False: at least so many. */
    lagEventsExact: row.behind?.isExact ?? false,
    lagMs: row.lagNowMs ?? null,
    eventsPerSecond: row.eventsPerSecond ?? null,
    state: row.state,
    stoppedAt: row.stopped ?? null,
    lastError: row.lastError ?? null,
  })),
});
