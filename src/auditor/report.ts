/** The outcome of an audit as a file: what was read, what was found, and a signature that shows it was not changed since. */
import { type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import type { Finding } from './findings.ts';
import type { AuditedLog } from './log-audit.ts';
import type { Audited } from './program-audit.ts';
import { type Invariant, invariantNames, invariants, type ViolationCode, violations } from './violations.ts';

const FORMAT = 'seatlog-audit-1';
const count = z.int().min(0);
/** Commit positions are text: JSON numbers would lose their last digits. */
const position = z.string().regex(/^-?\d+$/);
const codes = Object.keys(violations) as [ViolationCode, ...ViolationCode[]];
const names = invariantNames as readonly [Invariant, ...Invariant[]];

const findingSchema = z.strictObject({
  invariant: z.enum(names),
  meaning: z.string(),
  verdict: z.enum(['kept', 'broken']),
  count,
  /** The first ten. */
  violations: z.array(
    z.strictObject({
      code: z.enum(codes),
      text: z.string(),
      events: z.array(
        z.strictObject({
          stream: z.string(),
          revision: count,
          position,
          type: z.string(),
          recordedAtMs: z.number(),
        }),
      ),
    }),
  ),
});
export type ReportedFinding = z.infer<typeof findingSchema>;

const programSchema = z.strictObject({
  programId: z.string(),
  events: count,
  /** By type. */
  counts: z.record(z.string(), count),
  orders: count,
  queued: count,
  findings: z.array(findingSchema),
  stock: z.array(z.strictObject({ categoryId: z.string(), capacity: count, held: z.int(), sold: z.int() })),
  /** Minor units of the program's currency; null for a program without a sale. */
  currency: z.string().nullable(),
  balance: z.strictObject({
    payments: count,
    capturedMinor: z.int(),
    issuedMinor: z.int(),
    refundedMinor: z.int(),
    awaitingMinor: z.int(),
  }),
  /** Begun and not over; what was due is among the findings. */
  alive: z.strictObject({ orders: count, holds: count, unissued: count, refundsUnderWay: count }),
});
export type ReportedProgram = z.infer<typeof programSchema>;

const bodySchema = z.strictObject({
  format: z.literal(FORMAT),
  madeAtMs: z.int(),
  /** The programs that were audited: all of them, or one. */
  scope: z.string(),
  /** Everything from the first event of the log up to and including this one. */
  upTo: position,
  eventsRead: count,
  /** What was due before then must have happened. */
  judgedAtMs: z.int(),
  verdict: z.enum(['kept', 'broken']),
  programs: z.array(programSchema),
  /** What is of no single program. */
  log: z.array(findingSchema),
  notProved: z.array(z.string()),
  /** Ed25519: the 32 bytes of the key as base64; null where nothing was signed. */
  publicKey: z.string().nullable(),
});
export type ReportBody = z.infer<typeof bodySchema>;

export const reportSchema = bodySchema.extend({ signature: z.string().nullable() });
export type AuditReport = z.infer<typeof reportSchema>;

export type Circumstances = Pick<ReportBody, 'madeAtMs' | 'scope' | 'judgedAtMs'> & { readonly upTo: bigint };

/** What the log alone cannot show. */
const NOT_PROVED_EVER = [
  'that read models say what the log says: seatlog projections verify',
  'that what a client was told is in the log: seatlog rush holds its own answers against it',
];
const NOT_PROVED_OF_ONE =
  'that its order numbers and charges are no other program’s: seatlog audit verify --all';

export function reportOf(audited: AuditedLog, made: Circumstances): Omit<ReportBody, 'publicKey'> {
  const programs = audited.programs.map(programIn);
  const log = audited.findings.map(findingIn);
  const isKept = [...programs.flatMap(({ findings }) => findings), ...log].every(
    ({ count: broken }) => broken === 0,
  );
  return {
    ...{ format: FORMAT, madeAtMs: made.madeAtMs, scope: made.scope, upTo: String(made.upTo) },
    ...{ eventsRead: audited.events, judgedAtMs: made.judgedAtMs, verdict: isKept ? 'kept' : 'broken' },
    ...{ programs, log },
    notProved: made.scope === 'all' ? NOT_PROVED_EVER : [...NOT_PROVED_EVER, NOT_PROVED_OF_ONE],
  };
}

const programIn = (audited: Audited): ReportedProgram => ({
  programId: audited.programId,
  events: audited.events,
  counts: audited.counts,
  orders: audited.orders.size,
  queued: audited.queued.size,
  findings: audited.findings.map(findingIn),
  stock: audited.stock.map((stock) => ({ ...stock })),
  currency: audited.terms?.currency ?? null,
  balance: audited.balance,
  alive: audited.alive,
});

const findingIn = ({ invariant, kept, count: broken, violations: first }: Finding): ReportedFinding => ({
  ...{ invariant, meaning: invariants[invariant], verdict: kept ? 'kept' : 'broken', count: broken },
  violations: first.map(({ code, text, events }) => ({
    ...{ code, text },
    events: events.map((event) => ({ ...event, position: String(event.position) })),
  })),
});

/** Of a key that signs reports; `publicKey` is its 32 bytes as base64. */
export type ReportKey = { readonly privateKey: KeyObject; readonly publicKey: string };

export function signReport(body: Omit<ReportBody, 'publicKey'>, key: ReportKey | undefined): AuditReport {
  if (key === undefined) return { ...body, publicKey: null, signature: null };
  const signed = { ...body, publicKey: key.publicKey };
  return { ...signed, signature: sign(null, canonicalBytes(signed), key.privateKey).toString('base64') };
}

export type ReportVerdict =
  | { readonly kind: 'genuine'; readonly report: AuditReport }
  | { readonly kind: 'refused'; readonly code: 'report_malformed' | 'report_unsigned' | 'signature_invalid' };

/** The key that a report names proves nothing by itself: `key` is the one that the reader trusts. */
export function checkReport(text: string, key: KeyObject): ReportVerdict {
  const parsed = reportSchema.safeParse(jsonIn(text));
  if (!parsed.success) return { kind: 'refused', code: 'report_malformed' };
  const { signature, ...body } = parsed.data;
  if (signature === null) return { kind: 'refused', code: 'report_unsigned' };
  const isGenuine = verify(null, canonicalBytes(body), key, Buffer.from(signature, 'base64'));
  return isGenuine
    ? { kind: 'genuine', report: parsed.data }
    : { kind: 'refused', code: 'signature_invalid' };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** JSON without white space, the fields of every object in the order of their names: one text for one report. */
const canonicalBytes = (body: ReportBody): Uint8Array => Buffer.from(JSON.stringify(sorted(body)));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
