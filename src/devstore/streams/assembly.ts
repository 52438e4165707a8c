/**
 * Puts the chunks of batch appends together. A client may cut an append into several and interleave them with
 * those of others; an id that is answered early (it is late, or too much) has its remaining chunks dropped.
 */
import { type ProposedEvent, type Refusal, sizeOf } from '../store/append.ts';
import type { BatchAppendChunk, BatchAppendOptions } from '../wire/batch-append.ts';

/** Ids begun and not finished: a client has at most a few. Each holds at most one append's limit in memory. */
const MAX_OPEN_IDS = 100;
/** setTimeout takes no more than 2^31 - 1. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export type AssembledAppend = {
  readonly kind: 'assembled';
  readonly correlationId: Buffer;
  readonly options: BatchAppendOptions;
  /** Events up to the size limit; `bytes` counts them all. */
  readonly events: readonly ProposedEvent[];
  readonly bytes: number;
};

export type Assembly = {
  /** The whole append with its last chunk; a refusal where it cannot begin; undefined while more is to come. */
  readonly take: (chunk: BatchAppendChunk) => AssembledAppend | Refusal | undefined;
  readonly close: () => void;
};

type OpenAppend = {
  readonly options: BatchAppendOptions;
  readonly events: ProposedEvent[];
  bytes: number;
  /** Answered already: what still comes for this id is dropped, up to its last chunk. */
  answered: boolean;
  timer: NodeJS.Timeout | undefined;
};

export const createAssembly = (
  maxAppendBytes: number,
  onLate: (correlationId: Buffer, options: BatchAppendOptions) => void,
): Assembly => {
  const open = new Map<string, OpenAppend>();

  const begin = ({ options }: BatchAppendChunk): OpenAppend | Refusal => {
    if (options === undefined) return { kind: 'invalid', message: 'an append begins with its options' };
    if (open.size >= MAX_OPEN_IDS) {
      return { kind: 'invalid', message: 'too many unfinished appends on one call' };
    }
    return { options, events: [], bytes: 0, answered: false, timer: undefined };
  };

  const hold = (key: string, append: OpenAppend, correlationId: Buffer): void => {
    if (open.has(key)) return;
    open.set(key, append);
    const leftMs = append.options.deadlineAtMs - Date.now();
    if (leftMs === Number.POSITIVE_INFINITY) return;
    const onDeadline = (): void => {
      append.answered = true;
      append.events.length = 0;
      onLate(correlationId, append.options);
    };
    append.timer = setTimeout(onDeadline, Math.min(Math.max(leftMs, 0), MAX_TIMER_MS));
  };

  const forget = (key: string, append: OpenAppend): void => {
    clearTimeout(append.timer);
    open.delete(key);
  };

  return {
    close: () => {
      for (const [key, append] of open) forget(key, append);
    },
    take: (chunk) => {
      const { correlationId, isFinal } = chunk;
      const key = correlationId.toString('latin1');
      const append = open.get(key) ?? begin(chunk);
      if ('kind' in append) return append;
      for (const event of chunk.events) {
        append.bytes += sizeOf(event);
        // Over the limit the rest is only counted, so that no client fills the memory.
        if (!append.answered && append.bytes <= maxAppendBytes) append.events.push(event);
      }
      if (!isFinal) {
        hold(key, append, correlationId);
        return undefined;
      }
      forget(key, append);
      const { options, events, bytes } = append;
      return append.answered ? undefined : { kind: 'assembled', correlationId, options, events, bytes };
    },
  };
};
