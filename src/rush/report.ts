/**
 * The report of a rush as a person reads it: one table with a column for each mode, and what the check
 * says.
 */
import { type CheckReport, type Finding, promises } from './check/index.ts';
import type { Percentiles } from './latencies.ts';
import type { ModeReport, RushReport } from './rush.ts';

const SECOND_MS = 1_000;
const NAME_WIDTH = 38;
const COLUMN_WIDTH = 12;

type Row = readonly [name: string, of: (mode: ModeReport) => string];

export function renderReport(report: RushReport): string {
  const { preparation, modes, options } = report;
  const { people, calls, how, tookMs } = preparation;
  return [
    `${count(options.buyers)} buyers, seed ${options.seed}, ` +
      `a closed loop of ${options.connections} connections.`,
    `Preparation: ${count(people)} ticket users in ${count(calls)} calls (${how}), ${seconds(tookMs)}.`,
    '',
    ...table(modes),
    '',
    'Latencies are of the first answer to an order. "corrected" makes up for the closed loop: a wait longer',
    'than the mean counts as the requests that were not sent meanwhile.',
    ...modes.flatMap(({ mode, check }) => (check === null ? [] : ['', ...renderCheck(check, mode)])),
  ].join('\n');
}

function table(modes: readonly ModeReport[]): string[] {
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(NAME_WIDTH)}${cells.map((cell) => cell.padStart(COLUMN_WIDTH)).join('')}`;
  const title = line(
    '',
    modes.map(({ mode }) => mode),
  );
  return [title, ...rowsOf(modes).map(([name, of]) => line(name, modes.map(of)))];
}

function rowsOf(modes: readonly ModeReport[]): Row[] {
  return [
    ['requests', ({ requests }) => count(requests)],
    ['accepted', ({ accepted }) => count(accepted)],
    ['queued (202)', ({ queued }) => count(queued)],
    ...codesOf(modes, 'refused').map(
      (code): Row => [`refused: ${code}`, (mode) => count(mode.refused[code])],
    ),
    ...codesOf(modes, 'errors').map((code): Row => [`error: ${code}`, (mode) => count(mode.errors[code])]),
    ['sent again: engine busy', ({ retries }) => count(retries)],
    ['sent again: connection lost', ({ lost }) => count(lost)],
    ['asked again: order not readable yet', ({ unseen }) => count(unseen)],
    ['stampede, s', ({ stampedeMs }) => fixed(stampedeMs / SECOND_MS)],
    ['orders answered/s', ({ answeredPerSecond }) => fixed(answeredPerSecond, 0)],
    ['orders accepted/s', ({ acceptedPerSecond }) => fixed(acceptedPerSecond, 0)],
    ['sold out after, s', ({ soldOutAfterMs }) => optional(soldOutAfterMs)],
    ...percentileRows('latency', ({ latencyMs }) => latencyMs),
    ...percentileRows('corrected', ({ correctedLatencyMs }) => correctedLatencyMs),
    ...(modes.some(({ decisionLatencyMs }) => decisionLatencyMs !== null)
      ? percentileRows('decision seen', ({ decisionLatencyMs }) => decisionLatencyMs)
      : []),
    ['paid', ({ paid }) => count(paid)],
    ['cancelled', ({ cancelled }) => count(cancelled)],
    ['left to expire', ({ left }) => count(left)],
    ['places sold', ({ ending }) => `${ending.sold}/${ending.capacity}`],
    ['places still held', ({ ending }) => count(ending.heldAfterwards)],
    ['until no place was held, s', ({ ending }) => fixed(ending.tookMs / SECOND_MS)],
    ['read models behind, events', ({ lag }) => (lag === null ? '-' : count(lag.events))],
    ['until they were not, s', ({ lag }) => optional(lag?.caughtUpAfterMs ?? null)],
  ];
}

function codesOf(modes: readonly ModeReport[], kind: 'refused' | 'errors'): string[] {
  return [...new Set(modes.flatMap((mode) => Object.keys(mode[kind])))];
}

function percentileRows(name: string, of: (mode: ModeReport) => Percentiles | null): Row[] {
  const percentiles = [
    ['p50', 'p50'],
    ['p90', 'p90'],
    ['p99', 'p99'],
    ['p99.9', 'p999'],
    ['max', 'max'],
  ] as const;
  return percentiles.map(([title, key]): Row => [`${name} ${title}, ms`, (mode) => fixed(of(mode)?.[key])]);
}

/** One line for each promise, and the examples of those that are broken. */
export function renderCheck(check: CheckReport, mode: string): string[] {
  const { events, orders, acknowledged, balance, alive } = check;
  return [
    `Check of ${check.programId} (${mode}): ${count(events)} events, ${count(orders)} orders, ` +
      `${count(acknowledged)} acknowledgements, ${count(balance.payments)} payments; ` +
      `${count(alive.orders + alive.holds)} holds not due yet.`,
    `  money, minor units: ${balance.capturedMinor} captured = ${balance.issuedMinor} issued + ` +
      `${balance.refundedMinor} refunded + ${balance.awaitingMinor} awaiting`,
    ...check.findings.flatMap(renderFinding),
  ];
}

function renderFinding({ name, ok, broken, examples }: Finding): string[] {
  if (ok) return [`  ok      ${promises[name]}`];
  const more = broken > examples.length ? [`            … and ${broken - examples.length} more`] : [];
  return [
    `  BROKEN  ${promises[name]}: ${broken} times`,
    ...examples.map((text) => `            ${text}`),
    ...more,
  ];
}

const count = (value: number | undefined): string => (value ?? 0).toLocaleString('en-US');
const fixed = (value: number | undefined, digits = 1): string =>
  value === undefined ? '-' : value.toFixed(digits);
const seconds = (ms: number): string => `${fixed(ms / SECOND_MS)} s`;
const optional = (ms: number | null): string => (ms === null ? '-' : fixed(ms / SECOND_MS));
