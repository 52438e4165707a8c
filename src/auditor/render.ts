/** A report as a person reads it: one line for each invariant of each program, and below it the events that break it. */
import type { AuditReport, ReportedFinding, ReportedProgram } from './report.ts';

export function renderAudit(report: AuditReport): string {
  const { programs, log, scope, upTo, eventsRead, judgedAtMs, notProved, verdict } = report;
  const of = scope === 'all' ? `all ${count(programs.length, 'program')}` : scope;
  return [
    `Audit of ${of} up to position ${upTo}: ${count(eventsRead, 'event')} read, ` +
      `judged by what was due before ${timeOf(judgedAtMs)}.`,
    ...programs.flatMap((program) => ['', ...renderProgram(program)]),
    ...(log.some(isBroken)
      ? ['', 'Of no single program:', ...log.filter(isBroken).flatMap(renderFinding)]
      : []),
    '',
    ...notProved.map((what) => `Not proved here: ${what}`),
    verdict === 'kept' ? 'Every invariant is kept.' : 'The log breaks what it promises.',
  ].join('\n');
}

function renderProgram({
  programId,
  events,
  orders,
  stock,
  balance,
  currency,
  findings,
}: ReportedProgram): string[] {
  const { capturedMinor, issuedMinor, refundedMinor, awaitingMinor } = balance;
  return [
    `${programId}: ${count(events, 'event')}, ${count(orders, 'order')}, ${count(balance.payments, 'payment')}`,
    ...stock.map(
      ({ categoryId, capacity, held, sold }) => `  ${categoryId}: ${held} held, ${sold} sold of ${capacity}`,
    ),
    `  money, minor units${currency === null ? '' : ` of ${currency}`}: ${capturedMinor} captured = ` +
      `${issuedMinor} issued + ${refundedMinor} refunded + ${awaitingMinor} awaiting`,
    ...findings.flatMap(renderFinding),
  ];
}

function renderFinding({ meaning, verdict, count: broken, violations }: ReportedFinding): string[] {
  if (verdict === 'kept') return [`  kept    ${meaning}`];
  const left = broken - violations.length;
  return [
    `  BROKEN  ${meaning}: ${count(broken, 'time')}`,
    ...violations.flatMap(({ code, text, events }) => [
      `            ${code}: ${text}`,
      ...events.map(
        ({ stream, revision, position, type, recordedAtMs }) =>
          `              ${stream} revision ${revision}, position ${position}: ${type}, ${timeOf(recordedAtMs)}`,
      ),
    ]),
    ...(left > 0 ? [`            … and ${left} more`] : []),
  ];
}

const isBroken = ({ verdict }: ReportedFinding): boolean => verdict === 'broken';
const timeOf = (ms: number): string => new Date(ms).toISOString();
const count = (value: number, what: string): string =>
  `${value.toLocaleString('en-US')} ${what}${value === 1 ? '' : 's'}`;
