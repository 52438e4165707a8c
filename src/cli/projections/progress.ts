/** Shows how far a rebuild or a verification is: a bar on a terminal, a line every few seconds anywhere else. */
import { SingleBar } from 'cli-progress';
import type { RebuildProgress } from '../../rebuild/rebuildable.ts';
import { barLine, type Said } from './bar-line.ts';
import { createPaceMeter, type Pace } from './pace.ts';

const SECOND_MS = 1_000;
const LINE_EVERY_MS = 5 * SECOND_MS;
const PERCENT = 100;
const DEFAULT_COLUMNS = 80;

export type ShownProgress = {
  readonly update: (progress: RebuildProgress) => void;
  /** To be called before anything else is printed, and at the end. What follows begins a new bar. */
  readonly pause: () => void;
};

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** Writes to standard error, so that standard output is the answer alone. */
export const showProgress = (name: string, out: Output = process.stderr): ShownProgress => {
  const newMeter = () => createPaceMeter(() => performance.now());
  const show = out.isTTY ? bar(out, name) : lines(out, name);
  let meter = newMeter();
  return {
    update: (progress) => show.update(progress, meter(progress)),
    pause: () => {
      show.pause();
      // The time that somebody takes for an answer is none of the work.
      meter = newMeter();
    },
  };
};

type Shown = {
  readonly update: (progress: RebuildProgress, pace: Pace) => void;
  readonly pause: () => void;
};

const bar = (out: Output, name: string): Shown => {
  let line: SingleBar | undefined;
  let said: Said | undefined;
  const start = (): SingleBar => {
    // Asked at each drawing: a terminal may be made narrower meanwhile. One that does not know its size says 0.
    const format = (): string => (said === undefined ? '' : barLine(said, out.columns || DEFAULT_COLUMNS));
    const started = new SingleBar({ stream: out, format, hideCursor: true });
    started.start(PERCENT, 0);
    return started;
  };
  return {
    update: (progress, pace) => {
      const percent = Math.floor(pace.percent);
      said = { name, phase: progress.phase, percent, ...words(progress, pace) };
      line ??= start();
      line.update(percent);
    },
    pause: () => {
      line?.stop();
      line = undefined;
    },
  };
};

/** And one for each phase, however short. */
const lines = (out: Output, name: string): Shown => {
  let saidAtMs = 0;
  let saidPhase: string | undefined;
  return {
    update: (progress, pace) => {
      const { phase } = progress;
      if (phase === saidPhase && performance.now() - saidAtMs < LINE_EVERY_MS) return;
      saidAtMs = performance.now();
      saidPhase = phase;
      const { events, rate, left } = words(progress, pace);
      out.write(`${name}: ${phase}, ${Math.floor(pace.percent)}%, ${events} events${rate}${left}\n`);
    },
    pause: () => undefined,
  };
};

const words = ({ phase, events }: RebuildProgress, { eventsPerSecond, leftMs }: Pace) => ({
  events: events.toLocaleString('en-US'),
  rate: eventsPerSecond === undefined ? '' : `, ${Math.round(eventsPerSecond).toLocaleString('en-US')}/s`,
  left: phase !== 'reading' || leftMs === undefined ? '' : `, ${Math.ceil(leftMs / SECOND_MS)} s left`,
});
