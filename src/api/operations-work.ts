/** What this process is doing by itself and how that goes, so that whatever is stuck can be seen. */
import { z } from 'zod';
import { type Endpoint, endpoint, json } from './endpoint.ts';

const instantMs = z.number().describe('Milliseconds since 1970.');
const position = z
  .string()
  .nullable()
  .describe(
    'In the log, everything up to which is done; null before anything is. Text: a number is too small.',
  );
const lastError = z.string().nullable().describe('Until it goes well again.');

const leaseAnswer = z.object({
  name: z.string(),
  status: z
    .enum(['waiting', 'held', 'ending', 'ended'])
    .describe('waiting: another process holds it, or nobody yet.'),
  holder: z.string().nullable().describe('The process that holds it, as of the last look.'),
  losses: z.int().describe('How often this process has lost it without giving it up.'),
  lastError,
});

const processAnswer = z.object({
  name: z.string(),
  position,
  reacted: z.int().describe('Events reacted to since it began here.'),
  open: z.int().describe('Events that wait or are being reacted to.'),
  stuckAt: z
    .object({
      stream: z.string(),
      revision: z.string(),
      type: z.string(),
      error: z.string(),
      sinceMs: instantMs,
      tries: z.int(),
    })
    .nullable()
    .describe('Of the events that fail the one that has for longest; it is tried again by itself.'),
});

const laneAnswer = z.object({
  lane: z.int(),
  position,
  open: z.int().describe('Queued orders that are being decided or wait for it.'),
  decided: z.int(),
  stuck: z
    .object({
      programId: z.string(),
      orderNumber: z.string(),
      error: z.string(),
      sinceMs: instantMs,
      tries: z.int(),
    })
    .nullable(),
  damagedAt: z
    .object({ revision: z.string(), error: z.string() })
    .nullable()
    .describe('An entry that cannot be read; nothing behind it is decided.'),
});

const gateProjectorAnswer = z.object({
  position,
  applied: z.int(),
  refills: z.int().describe('How often counters were filled anew.'),
  lagEvents: z.int(),
  lagMs: z.number(),
  liveSales: z.int(),
  brokenSales: z
    .array(z.string())
    .describe('Programs whose sale cannot be followed; the gate is open for them.'),
  lastError: z.object({ message: z.string(), atMs: instantMs }).nullable().describe('Kept after recovery.'),
});

const workAnswer = z.object({
  holder: z.string().describe('Names this process among those that share the work.'),
  roles: z.array(z.string()),
  orderNumbers: z.object({
    workerId: z.int().nullable(),
    untilMs: instantMs.nullable().describe('Until then numbers can be given without the database.'),
    lastError,
  }),
  leases: z.array(leaseAnswer),
  processes: z.array(processAnswer).describe('Those at work here; each is at work in one process at a time.'),
  lanes: z.array(laneAnswer).describe('Those of the order queue that are decided here.'),
  gateProjector: gateProjectorAnswer.nullable().describe('Null while it is another process’s.'),
  expiry: z
    .object({
      due: z.int().describe('Overdue at the last look and not ended yet.'),
      ended: z.int(),
      lastError,
    })
    .nullable()
    .describe('Null while it is another process’s.'),
  waitingForSales: z
    .array(z.object({ stream: z.string(), queued: z.int() }))
    .describe('Sales for which commands wait here, with how many.'),
});

export type WorkAnswer = z.infer<typeof workAnswer>;

export type WorkDeps = { readonly work: () => WorkAnswer };

export const workEndpoint = ({ work }: WorkDeps): Endpoint =>
  endpoint({
    method: 'GET',
    path: '/operations/work',
    access: 'operator',
    summary: 'The work of this process: its leases, processes, lanes and what is stuck.',
    answers: { 200: workAnswer },
    handle: () => json(200, work()),
  });
