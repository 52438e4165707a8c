/** The few messages between the engine and its guard, the process that owns the embedded servers. */

type StopStep = { readonly signal: NodeJS.Signals; readonly waitMs: number };

/** What the guard needs to run one server and to end it again. */
export type ServerSpec = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** Sent one after the other, each followed by a wait, until the server has ended. SIGKILL comes last. */
  readonly stop: readonly StopStep[];
  /** Who the server runs as; the guard's own user when absent. */
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly environment?: Readonly<Record<string, string>>;
};

export type GuardRequest = { readonly type: 'start'; readonly spec: ServerSpec };

export type GuardReport =
  | { readonly type: 'started'; readonly name: string; readonly pid: number }
  | { readonly type: 'failed'; readonly name: string; readonly message: string }
  | {
      readonly type: 'exited';
      readonly name: string;
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
    };
