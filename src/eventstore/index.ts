/**
 * What the rest of the engine may use of the event store's client. Nobody else imports
 * `@eventstore/db-client`, and this folder imports nothing of the engine.
 */
export type { AppendOutcome, ExpectedRevision } from './append.ts';
export { type Codec, createCodec, type Decoded, defineEvent, type EventOf } from './codec.ts';
export { type EncodedEvent, encodeEvents, totalSizeBytes } from './encode.ts';
export { CorruptEventError, EventStoreError, type EventStoreErrorKind } from './errors.ts';
export { deriveEventId } from './event-id.ts';
export { type EventContext, type EventMetadata, traceContextOf } from './metadata.ts';
export { categoryOf, type EventId, type StreamName, streamName } from './names.ts';
export type { ReadPage, StreamPage } from './read.ts';
export type { SubscriptionFilter } from './read-request.ts';
export { type EventStore, type EventStoreOptions, openEventStore } from './store.ts';
export type { StoredEvent } from './stored-event.ts';
export type { SubscriptionBatch } from './subscription/deliver.ts';
export type { SubscriptionState, SubscriptionStatus } from './subscription/state.ts';
export type {
  SubscribeOptions,
  Subscription,
  SubscriptionEnd,
} from './subscription/subscription.ts';
