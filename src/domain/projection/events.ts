/**
 * What the stream of a read model says: these types are the stored format. The rows of a read model follow from the
 * log; what people decided about them does not, and is kept here.
 */
import { z } from 'zod';
import { type EventOf, eventSpec } from '../shared/event.ts';
import { lineSchema, textSchema } from '../shared/text.ts';
import { MAX_ERROR_CHARACTERS } from './limits.ts';

export const projectionNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,47}$/, 'a projection is named by 1 to 48 small letters, digits or underscores')
  .brand<'ProjectionName'>();
export type ProjectionName = z.infer<typeof projectionNameSchema>;

const decimal = z.string().regex(/^(0|[1-9][0-9]{0,18})$/, 'a whole number of at most 19 digits');

/** Commit position in `$all`, as text: JSON numbers would lose its last digits. */
export const logPositionSchema = decimal.brand<'LogPosition'>();
export type LogPosition = z.infer<typeof logPositionSchema>;

const instantMs = z.int().min(0);
const projection = { projection: projectionNameSchema };

/** An event of another stream, as a read model met it. */
const met = {
  position: logPositionSchema,
  stream: z.string().min(1),
  revision: decimal,
  type: z.string().min(1),
  /** Why it could not be applied. */
  error: textSchema(MAX_ERROR_CHARACTERS),
};

/** A version of the rows or counters, and the place in the log that it stood at when it became the live one. */
const swapped = {
  /** Tells a swap that is recorded again from another one that looks the same. */
  swapId: z.uuid().optional(),
  store: z.enum(['sql', 'redis']),
  /** Null where the store does not count them. */
  build: z.int().min(1).nullable(),
  position: logPositionSchema,
};

const certified = {
  /** Of the code that folded it. */
  version: z.int().min(1),
  /** Of the certificate: SHA-256 over what was built. */
  digest: z.string().min(1),
  /** From the version that was replaced. */
  differences: z.int().min(0),
};

/** What a store says of a swap that it has made until the log says it: the command that records it, and whose wish it was. */
const owed = { ...projection, nowMs: instantMs, actor: z.string().min(1) };
const swapId = z.uuid();
export const owedSwapSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('RecordRebuild'),
    ...owed,
    rebuilt: z.strictObject({ ...swapped, ...certified, swapId }),
  }),
  z.strictObject({
    type: z.literal('RecordRollback'),
    ...owed,
    rolledBack: z.strictObject({ ...swapped, swapId }),
  }),
]);
export type OwedSwap = z.infer<typeof owedSwapSchema>;

export const swapIdOf = (swap: OwedSwap): string =>
  swap.type === 'RecordRebuild' ? swap.rebuilt.swapId : swap.rolledBack.swapId;

export const projectionEventSpecs = [
  /** Whatever is built from the log from now on may be without that event. */
  eventSpec(
    'ProjectionEventSkipped',
    z.strictObject({ ...projection, ...met, reason: lineSchema, skippedAtMs: instantMs }),
  ),
  eventSpec(
    'ProjectionRebuilt',
    z.strictObject({
      ...projection,
      ...swapped,
      ...certified,
      rebuiltAtMs: instantMs,
    }),
  ),
  /** An earlier build, brought up to date, is the live one again. */
  eventSpec('ProjectionRolledBack', z.strictObject({ ...projection, ...swapped, rolledBackAtMs: instantMs })),
] as const;

export type ProjectionEvent = EventOf<(typeof projectionEventSpecs)[number]>;
export type ProjectionEventSkipped = Extract<ProjectionEvent, { type: 'ProjectionEventSkipped' }>['data'];
