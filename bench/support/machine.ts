/** The facts about a machine without which its figures mean nothing. */
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { median } from './statistics.ts';

const FSYNC_SAMPLES = 50;
const PAGE_BYTES = 4_096;
const MIB = 1024 * 1024;

export type Machine = {
  readonly node: string;
  readonly system: string;
  readonly cpus: number;
  readonly cpuModel: string;
  readonly memoryMib: number;
  /** Load average over the last minute before the benchmark: above 0.5, somebody else was at work. */
  readonly loadBefore: number;
  /** Median time to write 4 KiB and wait for the disk, in µs: the floor of every durable append. */
  readonly fsyncMicros: number;
};

/** `folder` is where the fsync is tried: the disk that the benchmark writes to. */
export const describeMachine = (folder: string): Machine => ({
  node: process.version,
  system: `${type()} ${release()}`,
  cpus: availableParallelism(),
  cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
  memoryMib: Math.round(totalmem() / MIB),
  loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  fsyncMicros: fsyncMicros(folder),
});

const fsyncMicros = (folder: string): number => {
  const file = join(folder, `fsync-${process.pid}`);
  const page = Buffer.alloc(PAGE_BYTES);
  const descriptor = openSync(file, 'w');
  try {
    const samples = Array.from({ length: FSYNC_SAMPLES }, () => {
      const startedAt = performance.now();
      writeSync(descriptor, page);
      fsyncSync(descriptor);
      return (performance.now() - startedAt) * 1_000;
    });
    return Math.round(median(samples));
  } finally {
    closeSync(descriptor);
    rmSync(file, { force: true });
  }
};
