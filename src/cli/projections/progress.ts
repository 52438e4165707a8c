/** Shows how far a rebuild or a verification is: a bar on a terminal, a line every few seconds anywhere else. */
import { SingleBar } from 'cli-progress';
import type { RebuildProgress } from '../../rebuild/rebuildable.ts';
import { createPaceMeter, type Pace } from './pace.ts';

const SECOND_MS = 1_000;
const LINE_EVERY_MS = 5 * SECOND_MS;
const PERCENT = 100;

export type ShownProgress = {
  readonly update: (progress: RebuildProgress) => void;
  /** To be called before anything else is printed, and at the end. What follows begins a new bar. */
  readonly pause: () => void;
};

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Writes to standard error, so that standard output is the answer alone. */
export const showProgress = (name: string, out: Output = process.stderr): ShownProgress => {
  const meter = createPaceMeter(() => performance.now());
  const show = out.isTTY ? bar(out, name) : lines(out, name);
  return { update: (progress) => show.update(progress, meter(progress)), pause: show.pause };
};

type Shown = {
  readonly update: (progress: RebuildProgress, pace: Pace) => void;
  readonly pause: () => void;
};

const bar = (out: Output, name: string): Shown => {
  let line: SingleBar | undefined;
  const start = (): SingleBar => {
    const format = `${name} {phase} {bar} {percentage}% | {events} events{rate}{left}`;
    const started = new SingleBar({ stream: out, format, hideCursor: true });
    started.start(PERCENT, 0, { phase: '', events: '', rate: '', left: '' });
    return started;
  };
  return {
    update: (progress, pace) => {
      line ??= start();
      line.update(Math.floor(pace.percent), { phase: progress.phase, ...words(progress, pace) });
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
