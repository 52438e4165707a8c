/**
 * The kept log: events as releases of the engine have stored them, one a line, in the order of the log. Lines are
 * added and never changed, because nobody changes what is in the logs out there.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredEvent } from '../../src/eventstore/index.ts';

export const KEPT_LOG = join(import.meta.dirname, 'log.jsonl');

/** A line: a stored event, whose 64-bit numbers are decimal texts, and the chapter that tells it. */
export type KeptLine = {
  readonly chapter: string;
  readonly position: string;
  readonly stream: string;
  readonly revision: string;
  readonly recordedAtMs: number;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: { readonly schemaVersion: number } & Readonly<Record<string, unknown>>;
};

export function keptLines(): readonly KeptLine[] {
  if (!existsSync(KEPT_LOG)) return [];
  const lines = readFileSync(KEPT_LOG, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as KeptLine);
}

/** As the event store would hand it out. */
export const storedOf = (line: KeptLine): StoredEvent => ({
  id: line.id,
  stream: line.stream,
  revision: BigInt(line.revision),
  position: BigInt(line.position),
  recordedAtMs: line.recordedAtMs,
  type: line.type,
  data: line.data,
  metadata: line.metadata,
});

export const keptEvents = (): readonly StoredEvent[] => keptLines().map(storedOf);
