/**
 * What can be thrown away and built anew from the log, whichever store it is in: the commands that rebuild, verify and
 * roll back know nothing else of it.
 */
import type { Certificate } from './certificate.ts';

export type Rebuildable = {
  /** As `seatlog projections` names it. */
  readonly name: string;
  readonly store: 'sql' | 'redis';
  /**
   * Builds a new version beside the live one, goes on with an interrupted one, compares, and swaps. Rejects with
   * `RebuildError`; whatever happens, queries see the old version or the new one.
   */
  readonly rebuild: (options: RebuildOptions) => Promise<RebuildResult>;
  /** Folds the log afresh up to where the live version stands, and compares. Changes nothing that is live. */
  readonly verify: (options: WorkOptions) => Promise<VerifyResult>;
  /** Brings the version before up to date and swaps it back. Rejects with `RebuildError` where none is kept. */
  readonly rollback: (options: WorkOptions) => Promise<RollbackResult>;
  /** Drops what an interrupted or declined rebuild has left for the next one; false where there was nothing. */
  readonly discard: () => Promise<boolean>;
};

export type WorkOptions = {
  /** Ends the work early: it rejects with the signal's reason, and what was done is kept for the next time. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RebuildProgress) => void;
};

export type RebuildOptions = WorkOptions & {
  /** Keep every older version, and not only the one that is replaced. */
  readonly keepOld: boolean;
  /** Asked before the swap where the two versions differ; false leaves everything as it is, and the work for the next. */
  readonly accept: (differences: Differences) => Promise<boolean>;
};

export type RebuildProgress = {
  readonly phase: 'reading' | 'comparing' | 'swapping';
  /** Events of the log that have been read, of every type; in all and not only since the work was taken up again. */
  readonly events: number;
  /** Commit position up to which the log has been read, and the one that is wanted. */
  readonly position: bigint;
  readonly until: bigint;
};

/** What is live is not what follows from the log. */
export type Difference = {
  /** A table, or a kind of key in Redis. */
  readonly place: string;
  /** Names the row or the counter within its place. */
  readonly key: string;
  /** As JSON; null where there is nothing. */
  readonly live: unknown;
  readonly expected: unknown;
  /** Commit positions of the events that made what is expected, at most twenty of them, in order. */
  readonly positions: readonly bigint[];
};

export type Differences = {
  readonly count: number;
  /** The first hundred of them. */
  readonly first: readonly Difference[];
};

export type VerifyResult = { readonly differences: Differences; readonly certificate: Certificate };

export type RebuildResult = {
  readonly outcome: 'swapped' | 'declined';
  /** Between the version that was live and the new one, both at the same position. */
  readonly differences: Differences;
  readonly certificate: Certificate;
  /** How long writers of this projection waited for the swap, in ms; 0 where nothing was swapped. */
  readonly swapMs: number;
};

export type RollbackResult = { readonly build: number; readonly position: bigint; readonly swapMs: number };

export type RebuildErrorCode =
  /** An event cannot be applied, and nobody has said that it may be skipped. */
  | 'event_cannot_be_applied'
  /** Another rebuild or verification of the same projection is at work. */
  | 'rebuild_in_progress'
  | 'no_earlier_version'
  /** The tables of the earlier version have other columns than this release knows. */
  | 'earlier_version_incompatible'
  /** A page of the log does not lead on from the one before. */
  | 'log_has_a_gap'
  /** Readers held on to the old version for too long; nothing was changed. */
  | 'swap_timed_out';

/** Its message is a sentence for people. */
export class RebuildError extends Error {
  override readonly name = 'RebuildError';
  readonly code: RebuildErrorCode;

  constructor(code: RebuildErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
