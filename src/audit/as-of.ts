/** Names the moment that an answer is about, and the last event it takes in, so that it can be asked for again. */
import type { AsOf } from './answers.ts';
import type { Place } from './log.ts';
import { localTime, type Moment } from './moment.ts';

export const asOfAnswer = (at: Moment | undefined, last: Place | undefined): AsOf => ({
  asked: at?.asked ?? null,
  atMs: at?.atMs ?? null,
  machineTime: at === undefined || at.atMs === null ? null : localTime(at.atMs),
  event: last === undefined ? null : placeAnswer(last),
});

export const placeAnswer = ({ position, recordedAtMs }: Place) => ({
  position: position.toString(),
  recordedAtMs,
});
