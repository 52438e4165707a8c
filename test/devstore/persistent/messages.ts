/**
 * Messages and settings for the specs of a group's state machine: small numbers that can be read off a
 * failure.
 */
import type { Message, StateSettings } from '../../../src/devstore/persistent/state.ts';

export const SETTINGS: StateSettings = {
  strategy: 'RoundRobin',
  bufferEvents: 10,
  maxRetryCount: 2,
  messageTimeoutMs: 1_000,
};

export const message = (place: number, changes: Partial<Message> = {}): Message => ({
  position: place * 100,
  place,
  before: place === 0 ? null : place - 1,
  id: `id-${place}`,
  pin: `stream-${place % 4}`,
  replayed: false,
  retryCount: 0,
  ...changes,
});

export const messages = (from: number, count: number): Message[] =>
  Array.from({ length: count }, (_, index) => message(from + index));
