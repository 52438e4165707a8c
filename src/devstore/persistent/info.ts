/** A group described in the contract's words, for GetInfo and List. */
import type { SubscriptionInfo } from '@eventstore/db-client/generated/persistent_pb.js';
import persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import type { Group, GroupReport } from './group.ts';
import { ALL } from './names.ts';
import type { Entry } from './running.ts';
import type { StartFrom } from './settings.ts';

export const infoOf = (group: Group): SubscriptionInfo => {
  const report = group.report();
  const info = new persistentPb.SubscriptionInfo();
  info.setEventSource(group.name.stream);
  info.setGroupName(group.name.group);
  info.setStatus(statusOf(report));
  setSettings(info, report);
  setStatistics(info, report);
  const withObservations = report.row.settings.extraStatistics;
  info.setConnectionsList(report.entries.map((entry) => connectionOf(entry, withObservations)));
  return info;
};

/** The words of the real server, which joins its flags like this. */
const statusOf = ({ atEnd, isReplaying }: GroupReport): string => {
  const status = atEnd ? 'Live' : 'Behind';
  return isReplaying ? `${status}, ReplayingParkedMessages` : status;
};

const setSettings = (info: SubscriptionInfo, { row }: GroupReport): void => {
  const { settings } = row;
  info.setStartFrom(placeText(row.stream, numberOf(settings.startFrom)));
  info.setResolveLinkTos(settings.resolveLinks);
  info.setExtraStatistics(settings.extraStatistics);
  info.setMessageTimeoutMilliseconds(settings.messageTimeoutMs);
  info.setMaxRetryCount(settings.maxRetryCount);
  info.setLiveBufferSize(settings.liveBufferSize);
  info.setBufferSize(settings.historyBufferSize);
  info.setReadBatchSize(settings.readBatchSize);
  info.setCheckPointAfterMilliseconds(settings.checkpointAfterMs);
  info.setMinCheckPointCount(settings.minCheckpointCount);
  info.setMaxCheckPointCount(settings.maxCheckpointCount);
  info.setNamedConsumerStrategy(settings.strategy);
  info.setMaxSubscriberCount(settings.maxSubscriberCount);
};

const setStatistics = (info: SubscriptionInfo, report: GroupReport): void => {
  const { row, state, measurements } = report;
  const held = state.consumers.reduce((sum, consumer) => sum + consumer.held.size, 0);
  info.setAveragePerSecond(measurements.averagePerSecond());
  info.setTotalItems(String(measurements.totalItems()));
  info.setCountSinceLastMeasurement(String(measurements.takeSinceLast()));
  info.setLastCheckpointedEventPosition(placeText(row.stream, row.checkpoint));
  info.setLastKnownEventPosition(placeText(row.stream, report.lastPlace));
  // There is one buffer: it holds history until the group has caught up, and live events from then on.
  info.setReadBufferCount(report.atEnd ? 0 : state.ready.length);
  info.setLiveBufferCount(String(report.atEnd ? state.ready.length : 0));
  info.setRetryBufferCount(state.retries.length);
  info.setTotalInFlightMessages(held);
  info.setOutstandingMessagesCount(held);
  info.setParkedMessageCount(String(report.parkedEvents));
};

const connectionOf = (
  { connection, consumer, measurements }: Entry,
  withObservations: boolean,
): SubscriptionInfo.ConnectionInfo => {
  const info = new persistentPb.SubscriptionInfo.ConnectionInfo();
  info.setFrom(connection.from);
  info.setUsername(connection.username);
  info.setConnectionName(connection.name);
  info.setAverageItemsPerSecond(measurements.averagePerSecond());
  info.setTotalItems(String(measurements.totalItems()));
  info.setCountSinceLastMeasurement(String(measurements.takeSinceLast()));
  info.setAvailableSlots(connection.bufferEvents - consumer.held.size);
  info.setInFlightMessages(consumer.held.size);
  if (!withObservations) return info;
  for (const [key, value] of measurements.observed()) {
    const measurement = new persistentPb.SubscriptionInfo.Measurement();
    measurement.setKey(key);
    measurement.setValue(String(value));
    info.addObservedMeasurements(measurement);
  }
  return info;
};

const numberOf = (startFrom: StartFrom): number => {
  if (startFrom === 'start') return 0;
  return startFrom === 'end' ? -1 : startFrom;
};

/** Empty where there is none. */
const placeText = (stream: string, place: number | null): string => {
  if (place === null) return '';
  return stream === ALL ? `C:${place}/P:${place}` : String(place);
};
