/**
 * How the gate's projector does, where another process can read it: in Redis beside what it keeps there, once a second.
 * Of several projectors the last word stands; what none has said for a while tells by its age.
 */
import { z } from 'zod';
import { programIdSchema } from '../domain/shared/ids.ts';

const REPORT_KEY = 'seatlog:gate:projector';
const DAY_MS = 86_400_000;

const positionSchema = z.string().regex(/^\d+$/).transform(BigInt).optional();

const reportSchema = z.strictObject({
  /** Everything up to here is in Redis; undefined before anything is. */
  position: positionSchema,
  applied: z.int(),
  refills: z.int(),
  lagEvents: z.int(),
  lagMs: z.number(),
  liveSales: z.int(),
  brokenSales: z.array(programIdSchema).readonly(),
  lastError: z.strictObject({ message: z.string(), atMs: z.int() }).optional(),
  /** When this was written, by the projector's clock; ms since 1970. */
  atMs: z.int(),
});

export type GateReport = z.infer<typeof reportSchema>;

export type ReportClient = {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, px: 'PX', ttlMs: number): Promise<unknown>;
};

/** Rejects as the client does. */
export const writeGateReport = async (client: ReportClient, report: GateReport): Promise<void> => {
  const stored = { ...report, position: report.position?.toString() };
  await client.set(REPORT_KEY, JSON.stringify(stored), 'PX', DAY_MS);
};

/** Undefined where no projector has said anything for a day, or Redis was emptied. Rejects as the client does. */
export const readGateReport = async (client: Pick<ReportClient, 'get'>): Promise<GateReport | undefined> => {
  const stored = await client.get(REPORT_KEY);
  if (stored === null) return undefined;
  try {
    return reportSchema.parse(JSON.parse(stored));
  } catch {
    // Of another release: its next one is readable again, or it is the other release that runs.
    return undefined;
  }
};
