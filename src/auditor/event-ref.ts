/** Which event of the log a finding is about. */
export type EventRef = {
  readonly stream: string;
  readonly revision: number;
  /** Commit position in the log of all streams. */
  readonly position: bigint;
  readonly type: string;
  /** By the event store's clock. */
  readonly recordedAtMs: number;
};
