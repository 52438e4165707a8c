/** Server-side filters of `$all`: by stream name or event type, with a regular expression or prefixes. */
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { invalidArgument } from '../errors.ts';
import type { StoredRecord } from '../store/record.ts';

export type Filter = {
  readonly matches: (record: StoredRecord) => boolean;
  /** Events considered between two checkpoints. */
  readonly checkpointInterval: number;
};

const DEFAULT_WINDOW_EVENTS = 32;

/** The same shape in reads and in persistent subscriptions, which generate a class each. */
export type FilterOptions = Pick<
  ReadReq.Options.FilterOptions,
  'getStreamIdentifier' | 'getEventType' | 'hasMax' | 'getMax' | 'getCheckpointintervalmultiplier'
>;

export const filterOf = (options: FilterOptions): Filter => {
  const byStream = options.getStreamIdentifier();
  const expression = byStream ?? options.getEventType();
  if (expression === undefined)
    throw invalidArgument('a filter needs a stream name or an event type expression');
  const test = testOf(expression.getRegex(), expression.getPrefixList());
  const window = options.hasMax() ? options.getMax() : DEFAULT_WINDOW_EVENTS;
  return {
    matches: byStream === undefined ? (record) => test(record.type) : (record) => test(record.stream),
    checkpointInterval: Math.max(1, window) * Math.max(1, options.getCheckpointintervalmultiplier()),
  };
};

const testOf = (regex: string, prefixes: readonly string[]): ((text: string) => boolean) => {
  if (regex === '') return (text) => prefixes.some((prefix) => text.startsWith(prefix));
  try {
    const expression = new RegExp(regex, 'u');
    return (text) => expression.test(text);
  } catch (error) {
    throw invalidArgument(`the filter's regular expression is not valid: ${(error as Error).message}`);
  }
};
