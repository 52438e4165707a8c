/** What went wrong, as one line for people that begins with a code for programs. Never a stack, never a password. */
import pg from 'pg';
import { maskPasswords } from '../../config.ts';
import { EventStoreError } from '../../eventstore/errors.ts';
import { isPostgresUnavailable } from '../../postgres/unavailable.ts';
import { RebuildError } from '../../rebuild/rebuildable.ts';
import { StoreAwayError } from './open.ts';

/** Tables or columns that this release expects. */
const MISSING_IN_SCHEMA: ReadonlySet<string> = new Set(['42P01', '42703', '3F000']);

export type Sentence = {
  readonly text: string;
  /** It was run, and this is what came of it. */
  readonly isAnswer: boolean;
};

export const sentenceOf = (error: unknown): Sentence => {
  const [code, message, isAnswer] = classify(error);
  return { text: maskPasswords(`${code}: ${message.replace(/\s*\n\s*/g, ' ')}`), isAnswer };
};

const classify = (error: unknown): readonly [code: string, message: string, isAnswer: boolean] => {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RebuildError) return [error.code, message, true];
  if (error instanceof StoreAwayError) return [error.code, message, false];
  if (error instanceof EventStoreError) return ['eventstore_unavailable', message, false];
  if (error instanceof pg.DatabaseError && MISSING_IN_SCHEMA.has(error.code ?? '')) {
    return ['not_migrated', `${message}: start an engine of this release on the database once.`, false];
  }
  if (isPostgresUnavailable(error)) return ['postgres_unavailable', message, false];
  return ['failed', message, false];
};
