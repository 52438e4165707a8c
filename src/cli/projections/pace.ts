/** How fast a rebuild reads the log and how long it will take, from what it says of itself. */
import type { RebuildProgress } from '../../rebuild/rebuildable.ts';

const SECOND_MS = 1_000;
const PERCENT = 100;

export type Pace = {
  readonly percent: number;
  /** Since this process was first heard of: what an interrupted one had read does not count. */
  readonly eventsPerSecond: number | undefined;
  /** Undefined while nothing can be said. */
  readonly leftMs: number | undefined;
};

export type PaceMeter = (progress: RebuildProgress) => Pace;

export const createPaceMeter = (nowMs: () => number): PaceMeter => {
  let began: (RebuildProgress & { readonly atMs: number }) | undefined;
  return (progress) => {
    began ??= { ...progress, atMs: nowMs() };
    const tookMs = nowMs() - began.atMs;
    const events = progress.events - began.events;
    const done = Number(progress.position - began.position);
    const left = Math.max(0, Number(progress.until - progress.position));
    return {
      percent: progress.until <= 0n ? PERCENT : percentOf(progress),
      eventsPerSecond: events <= 0 || tookMs <= 0 ? undefined : (events * SECOND_MS) / tookMs,
      leftMs: done <= 0 ? undefined : (tookMs * left) / done,
    };
  };
};

const percentOf = ({ position, until }: RebuildProgress): number =>
  Math.min(PERCENT, Math.max(0, (Number(position) * PERCENT) / Number(until)));
