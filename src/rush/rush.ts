/** A rush from its preparation to its check: everything `seatlog rush` does, for programs and tests. */
import { setTimeout as delay } from 'node:timers/promises';
import { programIdSchema } from '../domain/shared/ids.ts';
import { createAcknowledgements } from './acknowledged.ts';
import { type Ending, type Lag, measureLag, untilHoldsEnd } from './aftermath.ts';
import type { CheckOptions, CheckReport } from './check/index.ts';
import { createCrowd } from './crowd.ts';
import { createEngineApi, type EngineApi, type ProgramNow, UnexpectedAnswer } from './engine-api.ts';
import { openHttps } from './http.ts';
import type { RushMode, RushOptions } from './options.ts';
import { type Preparation, type Prepared, prepare } from './prepare.ts';
import { programOf } from './program.ts';
import type { Progress } from './progress.ts';
import { stampede } from './stampede.ts';
import { createTally, type TallyReport } from './tally.ts';
import type { TokenFor } from './tokens.ts';

const SECOND_MS = 1_000;
const SHOWN_WITHIN_MS = 30 * SECOND_MS;
const SHOWN_POLL_MS = 100;
const NOT_FOUND = 404;
const MIN_FOLLOWERS = 4;
/** Of the connections, added for those who pay, cancel and ask. */
const FOLLOWERS_SHARE = 0.25;
/** Where the engine does not say how long an order waits to be paid. */
const DEFAULT_PAYMENT_TTL_MS = 900 * SECOND_MS;

export type RushDeps = {
  readonly tokenFor: TokenFor;
  readonly progress: Progress;
  /** Of a program when its holds have ended: `runCheck` over the engine's stores. Without it nothing is checked. */
  readonly check?: (asked: Pick<CheckOptions, 'programId' | 'acknowledged'>) => Promise<CheckReport>;
};

export type ModeReport = TallyReport & {
  readonly mode: RushMode;
  readonly programId: string;
  readonly ending: Ending;
  /** Null when the engine does not tell. */
  readonly lag: Lag | null;
  /** Null when it was not asked for. */
  readonly check: CheckReport | null;
};

export type RushReport = {
  readonly options: RushOptions;
  readonly preparation: Preparation;
  readonly modes: readonly ModeReport[];
  /** No check found anything. */
  readonly ok: boolean;
};

/**
 * Rejects with `ConnectionLost`, `UnexpectedAnswer` or a store's error when the rush or its check cannot
 * be run.
 */
export async function runRush(options: RushOptions, deps: RushDeps): Promise<RushReport> {
  const { connections, tolerateRestarts } = options;
  const followers = Math.max(MIN_FOLLOWERS, Math.ceil(connections * FOLLOWERS_SHARE));
  const http = openHttps(options.urls, connections + followers);
  const api = createEngineApi(http, deps.tokenFor, { tolerateRestarts, onRetry: () => undefined });
  try {
    const crowd = createCrowd(options);
    const prepared = await prepare(api, crowd, connections, deps.progress);
    const modes: ModeReport[] = [];
    for (const mode of options.modes) {
      modes.push(await rushOnce({ options, deps, api, crowd, prepared, followers, mode }));
    }
    const ok = modes.every(({ check }) => check?.ok !== false);
    return { options, preparation: prepared.preparation, modes, ok };
  } finally {
    await http.close();
  }
}

type Once = {
  readonly options: RushOptions;
  readonly deps: RushDeps;
  readonly api: EngineApi;
  readonly crowd: ReturnType<typeof createCrowd>;
  readonly prepared: Prepared;
  readonly followers: number;
  readonly mode: RushMode;
};

async function rushOnce({ options, deps, api, crowd, prepared, followers, mode }: Once): Promise<ModeReport> {
  const { progress } = deps;
  const programId = options.programId ?? (await publish(api, options, mode));
  const { stock, paymentTtlMs = DEFAULT_PAYMENT_TTL_MS } = await untilShown(api, programId);
  const capacity = stock.reduce((sum, category) => sum + category.capacity, 0);
  const categories = stock.map(({ categoryId, capacity: places }) => ({
    categoryId,
    share: places / capacity,
  }));
  const tally = createTally(capacity);
  const acknowledged = createAcknowledgements(crowd.userId);
  const { followedUp } = await stampede({
    ...{ api, crowd, ids: prepared.ids, programId, categories, followers, tally, acknowledged, progress },
    ...{ connections: options.connections, tolerateRestarts: options.tolerateRestarts },
    requestPrefix: `rush-${Date.now().toString(36)}`,
    path: mode === 'configured' ? '/orders' : `/orders/${mode}`,
  });
  const [lag] = await Promise.all([measureLag(api), followedUp]);
  const ending = await untilHoldsEnd(api, programId, paymentTtlMs, progress);
  const check = await checked(deps, programId, acknowledged);
  return { mode, programId, ...tally.report(), ending, lag: lag ?? null, check };
}

/** A program that was just published is shown once the read models have seen it. */
async function untilShown(api: EngineApi, programId: string): Promise<ProgramNow> {
  const untilMs = performance.now() + SHOWN_WITHIN_MS;
  for (;;) {
    try {
      const program = await api.program(programId);
      if (program.stock.length > 0 || performance.now() > untilMs) return program;
    } catch (error) {
      const isMissing = error instanceof UnexpectedAnswer && error.status === NOT_FOUND;
      if (!isMissing || performance.now() > untilMs) throw error;
    }
    await delay(SHOWN_POLL_MS);
  }
}

async function checked(
  { check, progress }: RushDeps,
  programId: string,
  acknowledged: CheckOptions['acknowledged'],
): Promise<CheckReport | null> {
  if (check === undefined) return null;
  progress.say(`Checking ${programId} against its log, SQL and Redis.`);
  return check({ programId: programIdSchema.parse(programId), acknowledged });
}

async function publish(api: EngineApi, options: RushOptions, mode: RushMode): Promise<string> {
  const nowMs = Date.now();
  // The time keeps a second run with the same seed apart from the first.
  const programId = `rush-${options.seed}-${mode}-${nowMs.toString(36)}`;
  const { seats, party, paymentTtlMs } = options;
  const title = `Rush ${options.seed} (${mode})`;
  await api.publish(programOf({ programId, title, seats, party, paymentTtlMs, nowMs }));
  await api.open(programId);
  return programId;
}
