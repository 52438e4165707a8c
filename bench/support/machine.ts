/** The facts about a machine without which its figures mean nothing. */
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
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
