/** How a sale goes, for those who run it. */
import { z } from 'zod';
import type { ProgramId } from '../../domain/shared/ids.ts';
import type { CategorySales, PeriodSales, SalesCourse } from '../../projections/sales-statistics/index.ts';
import { type Endpoint, endpoint, json } from '../endpoint.ts';
import { instantInQuery, programParams, wholeNumber } from '../inputs.ts';
import { refusal } from '../refusals.ts';
import { statisticsAnswer } from './answers.ts';
import type { Stock } from './browse.ts';

const DAY_MS = 86_400_000;
const DAY_MINUTES = 1_440;
const MINUTES_PER_PERIOD = 5;

export type StatisticsDeps = {
  /** Empty before the sale has started. */
  readonly stockOf: (programId: ProgramId) => Promise<readonly Stock[]>;
  readonly salesTotals: (programId: ProgramId) => Promise<readonly CategorySales[]>;
  readonly salesCourse: (course: SalesCourse) => Promise<readonly PeriodSales[]>;
  readonly isPublished: (programId: ProgramId) => Promise<boolean>;
  readonly nowMs: () => number;
};

const querySchema = z.strictObject({
  fromMs: instantInQuery.optional(),
  untilMs: instantInQuery.optional(),
  minutesPerPeriod: wholeNumber(1, DAY_MINUTES).default(MINUTES_PER_PERIOD),
});

export const statisticsEndpoints = (deps: StatisticsDeps): readonly Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/programs/:programId/statistics',
    access: 'operator',
    summary: 'Stock now, what each category has brought, and its course; by default of the last day.',
    params: programParams,
    query: querySchema,
    answers: { 200: statisticsAnswer },
    handle: async ({ params: { programId }, query }) => {
      if (!(await deps.isPublished(programId))) return refusal('program_not_found');
      const untilMs = query.untilMs ?? deps.nowMs();
      const fromMs = query.fromMs ?? Math.max(0, untilMs - DAY_MS);
      const { minutesPerPeriod } = query;
      const [stock, totals, course] = await Promise.all([
        deps.stockOf(programId),
        deps.salesTotals(programId),
        deps.salesCourse({ programId, fromMs, untilMs, minutesPerPeriod }),
      ]);
      return json(200, { stock, totals, course });
    },
  }),
];
