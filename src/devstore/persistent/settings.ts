/**
 * A group's settings: read from the requests that create or change one, and kept as JSON beside its
 * checkpoint.
 */
import type { CreateReq } from '@eventstore/db-client/generated/persistent_pb.js';
import persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import { type Filter, filterOf } from '../reading/filter.ts';
import { groupFailed } from './errors.ts';
import type { GroupName } from './names.ts';
import { isStrategy, type Strategy } from './strategy.ts';

/** A number is a revision, or a position for a group on `$all`; delivery starts with the event there. */
export type StartFrom = 'start' | 'end' | number;

export type GroupSettings = {
  readonly startFrom: StartFrom;
  readonly resolveLinks: boolean;
  readonly extraStatistics: boolean;
  /** 0 waits for ever. */
  readonly messageTimeoutMs: number;
  readonly maxRetryCount: number;
  readonly checkpointAfterMs: number;
  readonly minCheckpointCount: number;
  readonly maxCheckpointCount: number;
  /** 0 sets no limit. */
  readonly maxSubscriberCount: number;
  readonly liveBufferSize: number;
  readonly readBatchSize: number;
  readonly historyBufferSize: number;
  readonly strategy: Strategy;
  /** The request's `FilterOptions` in base64: a filter is compiled from those alone. */
  readonly filter: string | null;
};

/** The same shape in Create and Update, which generate a class each. */
type SettingsMessage = Pick<
  CreateReq.Settings,
  | 'getResolveLinks'
  | 'getExtraStatistics'
  | 'hasMessageTimeoutTicks'
  | 'getMessageTimeoutTicks'
  | 'getMessageTimeoutMs'
  | 'getMaxRetryCount'
  | 'hasCheckpointAfterTicks'
  | 'getCheckpointAfterTicks'
  | 'getCheckpointAfterMs'
  | 'getMinCheckpointCount'
  | 'getMaxCheckpointCount'
  | 'getMaxSubscriberCount'
  | 'getLiveBufferSize'
  | 'getReadBatchSize'
  | 'getHistoryBufferSize'
> & { getNamedConsumerStrategy(): number };

const TICKS_PER_MS = 10_000;
/** The order of the contract's deprecated enumeration, which clients of this time still send. */
const NAMED_STRATEGIES: readonly Strategy[] = ['DispatchToSingle', 'RoundRobin', 'Pinned'];

/** `strategyName` is the newer way to name one; empty where the enumeration says it. */
export const settingsOf = (
  name: GroupName,
  message: SettingsMessage | undefined,
  startFrom: StartFrom,
  filter: string | null,
  strategyName = '',
): GroupSettings => {
  if (message === undefined) throw groupFailed(name, 'the request has no settings');
  const strategy = strategyName || NAMED_STRATEGIES[message.getNamedConsumerStrategy()] || 'unknown';
  if (!isStrategy(strategy)) throw groupFailed(name, `consumer strategy '${strategy}' is not supported`);
  const settings = {
    startFrom,
    resolveLinks: message.getResolveLinks(),
    extraStatistics: message.getExtraStatistics(),
    messageTimeoutMs: message.hasMessageTimeoutTicks()
      ? Math.round(Number(message.getMessageTimeoutTicks()) / TICKS_PER_MS)
      : message.getMessageTimeoutMs(),
    maxRetryCount: message.getMaxRetryCount(),
    checkpointAfterMs: message.hasCheckpointAfterTicks()
      ? Math.round(Number(message.getCheckpointAfterTicks()) / TICKS_PER_MS)
      : message.getCheckpointAfterMs(),
    minCheckpointCount: message.getMinCheckpointCount(),
    maxCheckpointCount: message.getMaxCheckpointCount(),
    maxSubscriberCount: message.getMaxSubscriberCount(),
    liveBufferSize: message.getLiveBufferSize(),
    readBatchSize: message.getReadBatchSize(),
    historyBufferSize: message.getHistoryBufferSize(),
    strategy,
    filter,
  };
  for (const [key, value] of Object.entries(settings)) {
    if (typeof value === 'number' && value < 0) throw groupFailed(name, `${key} must not be negative`);
  }
  return settings;
};

const MAX_POSITION = Number.MAX_SAFE_INTEGER;

/** From an unsigned 64-bit number: 2^64 - 1 is the end, and so is all that no log reaches. */
const startFromNumber = (decimal: string): StartFrom => {
  const place = Number(decimal);
  if (place === 0) return 'start';
  return place > MAX_POSITION ? 'end' : place;
};

/** Where a group on `$all` starts; Create and Update again have a class each. */
export const startFromAll = (all: Pick<CreateReq.AllOptions, 'hasEnd' | 'getPosition'>): StartFrom => {
  if (all.hasEnd()) return 'end';
  return startFromNumber(all.getPosition()?.getCommitPosition() ?? '0');
};

/** Where a group on a stream starts. Older requests carry a bare revision among the settings. */
export const startFromStream = (
  stream: Pick<CreateReq.StreamOptions, 'hasEnd' | 'hasRevision' | 'getRevision'> | undefined,
  settings: Pick<CreateReq.Settings, 'getRevision'> | undefined,
): StartFrom => {
  if (stream === undefined) return startFromNumber(settings?.getRevision() ?? '0');
  if (stream.hasEnd()) return 'end';
  return stream.hasRevision() ? startFromNumber(stream.getRevision()) : 'start';
};

/** Throws what `filterOf` throws where the expression is not valid. */
export const compiledFilter = (filter: string | null): Filter | undefined => {
  if (filter === null) return undefined;
  const bytes = Buffer.from(filter, 'base64');
  return filterOf(persistentPb.CreateReq.AllOptions.FilterOptions.deserializeBinary(bytes));
};
