/**
 * Tells chapters of the kept log: the aggregates decide on top of what is kept already, and what they decide is
 * encoded as the engine encodes it.
 */
import { createHash } from 'node:crypto';
import type { Decider } from '../../src/domain/shared/decider.ts';
import {
  type OrderNumber,
  type PaymentNumber,
  paymentNumberSchema,
  type UserId,
} from '../../src/domain/shared/ids.ts';
import { nextOrderNumber, startGenerator } from '../../src/domain/shared/order-number.ts';
import { engineCodec } from '../../src/event-catalogue.ts';
import { type Codec, encodeEvents, type StoredEvent, type StreamName } from '../../src/eventstore/index.ts';
import { type KeptLine, storedOf } from './kept-log.ts';

type EngineEvent = typeof engineCodec extends Codec<infer Event> ? Event : never;
type EventPlace = Pick<StoredEvent, 'stream' | 'revision' | 'position' | 'recordedAtMs'>;

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
const FIRST_MS = Date.UTC(2026, 9, 1, 10);
const NUMBERS_PER_CHAPTER = 1_000;

/** A decider that folds a stream of the log before it decides. */
type OverLog<Command, Outcome> = (
  history: readonly KeptLine[],
  command: Command,
) => { readonly outcome: Outcome; readonly events: readonly EngineEvent[] };

export const createDecider =
  <Command, Event extends EngineEvent, State, Outcome>(
    { initial, evolve, decide }: Decider<Command, Event, State, Outcome>,
    codec: Codec<Event>,
  ): OverLog<Command, Outcome> =>
  (history, command) =>
    decide(command, history.map((line) => eventOf(codec, line)).reduce(evolve, initial()));

/** Throws when this release does not know the event. */
export function eventOf<Event extends { readonly type: string }>(
  codec: Codec<Event>,
  line: KeptLine,
): Event & EventPlace {
  const known = codec.decode(storedOf(line));
  if (known.kind === 'event') return known.event;
  throw new Error(`${line.type} of ${line.stream} is not known any more.`);
}

export type Teller = {
  /** What the aggregate answers. Throws when it decides no event: a chapter says what happened. */
  readonly tell: <Command, Outcome>(
    decide: OverLog<Command, Outcome>,
    stream: string,
    command: Command,
    actor: string,
  ) => Outcome;
  /** Of the last event of the stream; -1 for none. */
  readonly revisionOf: (stream: string) => number;
  readonly nowMs: () => number;
  readonly wait: (ms: number) => void;
  readonly orderNumber: (buyer: UserId) => OrderNumber;
  readonly paymentNumber: (buyer: UserId) => PaymentNumber;
  /** 32 hexadecimal digits that follow from the text. */
  readonly digest: (text: string) => string;
};

/** `lines` grows; what is in it already is only read. */
export function createTeller(chapter: string, lines: KeptLine[]): Teller {
  let nowMs = (lines.at(-1)?.recordedAtMs ?? FIRST_MS) + DAY_MS;
  let causes = 0;
  const numbers = numbersFrom(nowMs);
  return {
    nowMs: () => nowMs,
    wait: (ms) => {
      nowMs += ms;
    },
    ...numbers,
    digest: (text) => sha256(`${chapter} ${text}`).slice(0, 32),
    revisionOf: (stream) => lines.filter((line) => line.stream === stream).length - 1,
    tell: (decide, stream, command, actor) => {
      const history = lines.filter((line) => line.stream === stream);
      const { outcome, events } = decide(history, command);
      if (events.length === 0) throw new Error(`${chapter}: nothing happened: ${JSON.stringify(outcome)}`);
      const causationId = uuid(`${chapter} cause ${causes++}`);
      const context = { correlationId: causationId, causationId, actor };
      const encoded = encodeEvents(engineCodec, stream as StreamName, events, context);
      for (const { proposed } of encoded) {
        nowMs += SECOND_MS;
        lines.push({
          chapter,
          position: String(lines.length),
          stream,
          revision: String(lines.filter((line) => line.stream === stream).length),
          recordedAtMs: nowMs,
          id: String(proposed.id),
          type: proposed.type,
          data: JSON.parse(JSON.stringify(proposed.data)),
          metadata: JSON.parse(Buffer.from(proposed.metadata as Uint8Array).toString('utf8')),
        });
      }
      return outcome;
    },
  };
}

function numbersFrom(fromMs: number): Pick<Teller, 'orderNumber' | 'paymentNumber'> {
  let generator = startGenerator({ workerId: 7, fromMs, untilMs: fromMs + NUMBERS_PER_CHAPTER });
  const orderNumber = (buyer: UserId): OrderNumber => {
    const numbered = nextOrderNumber(generator, buyer, generator.lastMs + 1);
    if (numbered.kind !== 'numbered') throw new Error(numbered.code);
    generator = numbered.generator;
    return numbered.number;
  };
  return {
    orderNumber,
    paymentNumber: (buyer) => paymentNumberSchema.parse(orderNumber(buyer)),
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const uuid = (text: string): string =>
  sha256(text).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
