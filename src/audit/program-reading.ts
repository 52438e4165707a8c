/** What the ways of reading a program share: what is asked for, and up to where. */
import { saleStream } from '../domain/sale/index.ts';
import type { OrderNumber, ProgramId } from '../domain/shared/ids.ts';
import type { Found } from './answers.ts';
import type { Hall } from './hall.ts';
import type { AuditLog, LogEvent, LogPage, Place } from './log.ts';
import type { Moment } from './moment.ts';
import type { ProgramIndex } from './program-index.ts';

export type ReadingDeps = {
  readonly log: AuditLog;
  /** Undefined: from the log alone. */
  readonly index?: ProgramIndex | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onNote?: ((note: string) => void) | undefined;
  /** The one with the least to read, unless given. */
  readonly choose?: ((ways: readonly [Way, ...Way[]]) => Way) | undefined;
  /** Of the events taken so far: orders with money that awaits tickets, or its way back. */
  readonly unsettled: () => readonly OrderNumber[];
};

export type Way = {
  readonly by: Found['by'];
  /** What there is to read, in events of a page of many. */
  readonly events: number;
  readonly pages: () => AsyncIterable<FoundPage>;
};

export type AskedProgram = {
  readonly programId: ProgramId;
  readonly at?: Moment | undefined;
  readonly hall: Pick<Hall, 'position'>;
};

export type ProgramReading = {
  readonly asked: AskedProgram;
  /** No event behind this position is of the moment. */
  readonly until: bigint;
  readonly isWanted: (place: Place) => boolean;
};

export type FoundPage = Pick<LogPage, 'events' | 'unreadable'>;

export const isOfProgram = (event: LogEvent, { programId }: Pick<AskedProgram, 'programId'>): boolean =>
  event.stream === saleStream(programId) || ('programId' in event.data && event.data.programId === programId);
