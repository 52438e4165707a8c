/**
 * Work that one process of many does at a time, each piece under a lease in SQL. Leases only save work: a holder that
 * was frozen may wake up beside its successor, so whatever is done under one must bear being done twice.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from '../projections/database.ts';
import {
  createLeasedWork,
  type LeasedWork,
  messageOf,
  type Work,
  type WorkLeaseState,
} from './leased-work.ts';
import { createWorkLeaseRows, type WorkLeaseRows } from './work-lease-rows.ts';

export type { Work, WorkLeaseState } from './leased-work.ts';

const SECOND = 1_000;
/** A holder that died leaves its work undone for this long and a poll: less than a queued order waits. */
const TTL_MS = 3 * SECOND;
const RENEWALS_PER_TTL = 3;
/** How often a process that waits for work asks whether it is free. */
const POLL_MS = SECOND / 2;

export type HeldWork = {
  readonly state: () => readonly WorkLeaseState[];
  /** Stops the work if it is here and hands the lease back, so that a successor need not wait. Never rejects. */
  readonly stop: () => Promise<void>;
};

export type WorkLeases = {
  /** Tries to hold the lease until it is stopped, and does the work while it is held. */
  readonly holdWhile: (name: string, work: Work) => HeldWork;
  /**
   * Many pieces of one kind, spread evenly over all processes that ask for this group: a process holds its share,
   * and gives up what is above it when another one comes.
   */
  readonly holdShare: (group: string, names: readonly string[], workOf: (name: string) => Work) => HeldWork;
  /** Of everything that this process holds or waits for. */
  readonly state: () => readonly WorkLeaseState[];
  /** Of everything. Never rejects. */
  readonly stop: () => Promise<void>;
};

type Group = {
  readonly pieces: readonly LeasedWork[];
  /** Where work is shared: what the leases of those that share it are called, up to the holder. */
  readonly memberPrefix: string | undefined;
  isStopping: boolean;
  /** Called when nothing of it is held any more. */
  onGone: () => void;
};

export type WorkLeaseOptions = { readonly ttlMs?: number; readonly pollMs?: number };

/** `holder` names this process, and no other one, nor itself after a restart. */
export const createWorkLeases = (db: Db, holder: string, options: WorkLeaseOptions = {}): WorkLeases => {
  const { ttlMs = TTL_MS } = options;
  const groups = new Set<Group>();
  const keeper = keepLeases(createWorkLeaseRows(db, holder), holder, groups, options);

  const stateOf = ({ pieces }: Group): WorkLeaseState[] =>
    pieces.map((piece) => {
      const status = piece.status();
      return {
        name: piece.name,
        status,
        holder: status === 'waiting' ? keeper.holderOf(piece.name) : holder,
        losses: piece.losses(),
        lastError: keeper.lastError() ?? piece.lastError(),
      };
    });

  const hold = (
    names: readonly string[],
    workOf: (name: string) => Work,
    memberPrefix?: string,
  ): HeldWork => {
    const pieces = names.map((name) => createLeasedWork(name, workOf(name), ttlMs, keeper.look));
    const group: Group = { pieces, memberPrefix, isStopping: false, onGone: () => undefined };
    const gone = new Promise<void>((done) => {
      group.onGone = done;
    });
    groups.add(group);
    keeper.look();
    return {
      state: () => stateOf(group),
      stop: async () => {
        group.isStopping = true;
        await Promise.all(pieces.map((piece) => piece.release()));
        keeper.look();
        await gone;
      },
    };
  };

  const held = new Set<HeldWork>();
  const remember = (work: HeldWork): HeldWork => {
    held.add(work);
    return work;
  };
  return {
    holdWhile: (name, work) => remember(hold([name], () => work)),
    holdShare: (group, names, workOf) => remember(hold(names, workOf, `${group}/member/`)),
    state: () => [...groups].flatMap(stateOf),
    stop: async () => {
      await Promise.all([...held].map((work) => work.stop()));
    },
  };
};

type Keeper = {
  /** Soon, not only when it is time. */
  readonly look: () => void;
  readonly holderOf: (name: string) => string | undefined;
  readonly lastError: () => string | undefined;
};

/** Takes, renews and hands back, in one statement each for all that a process holds, for as long as there are groups. */
const keepLeases = (
  rows: WorkLeaseRows,
  holder: string,
  groups: Set<Group>,
  { ttlMs = TTL_MS, pollMs = POLL_MS }: WorkLeaseOptions,
): Keeper => {
  let others: ReadonlyMap<string, string> = new Map();
  let lastError: string | undefined;
  let wake = new AbortController();
  let lapse: NodeJS.Timeout | undefined;
  let isRunning = false;
  let rounds = 0;

  const round = async (): Promise<void> => {
    const number = ++rounds;
    await giveBack(rows, groups, holder, ttlMs);
    if (groups.size === 0) return;
    others = await rows.ofOthers();
    const names = [...groups].flatMap((group) => wantedBy(group, others, holder));
    const askedAtMs = performance.now();
    const granted = await rows.hold(names, ttlMs);
    // Counted from the question on: by the database's clock the leases end later.
    const leftMs = askedAtMs + ttlMs - performance.now();
    if (leftMs <= 0 || number !== rounds) return;
    for (const group of groups) take(group, granted);
    clearTimeout(lapse);
    lapse = setTimeout(() => {
      for (const { pieces } of groups) for (const piece of pieces) piece.lose();
    }, leftMs);
  };

  const pause = async (): Promise<void> => {
    const isWaiting = [...groups].some(({ pieces }) => pieces.some((piece) => piece.status() === 'waiting'));
    const renewMs = ttlMs / RENEWALS_PER_TTL;
    const longestMs = isWaiting ? Math.min(pollMs, renewMs) : renewMs;
    // Never in step with others.
    await delay(longestMs * (0.7 + 0.3 * Math.random()), undefined, { signal: wake.signal }).catch(
      () => undefined,
    );
    wake = new AbortController();
  };

  const run = async (): Promise<void> => {
    isRunning = true;
    while (groups.size > 0) {
      try {
        await within(round(), ttlMs);
        lastError = undefined;
      } catch (error) {
        lastError = messageOf(error);
      }
      if (groups.size > 0) await pause();
    }
    clearTimeout(lapse);
    isRunning = false;
  };

  return {
    look: () => {
      wake.abort();
      if (!isRunning) void run();
    },
    holderOf: (name) => others.get(name),
    lastError: () => lastError,
  };
};

/** What was stopped here goes to others; where that cannot be said to the database, it lapses. */
const giveBack = async (
  rows: WorkLeaseRows,
  groups: Set<Group>,
  holder: string,
  ttlMs: number,
): Promise<void> => {
  const leaving = [...groups].filter(({ isStopping, pieces }) => isStopping && pieces.every(isIdle));
  const ended = [...groups].flatMap(({ pieces }) => pieces).filter(isEnded);
  const members = leaving.flatMap(({ memberPrefix }) =>
    memberPrefix === undefined ? [] : [memberPrefix + holder],
  );
  const names = [...ended.map(({ name }) => name), ...members];
  try {
    if (names.length > 0) await within(rows.handBack(names), ttlMs / 2);
  } finally {
    for (const piece of ended) piece.gaveBack();
    for (const group of leaving) {
      groups.delete(group);
      group.onGone();
    }
  }
};

/** What a group holds, and of what is free as much as it may; what it has above its share is given up. */
const wantedBy = (group: Group, others: ReadonlyMap<string, string>, holder: string): readonly string[] => {
  const { pieces, memberPrefix, isStopping } = group;
  const kept = pieces.filter((piece) => !isIdle(piece)).map(({ name }) => name);
  if (isStopping) return kept;
  const free = pieces
    .filter((piece) => piece.status() === 'waiting' && piece.isWanted() && !others.has(piece.name))
    .map(({ name }) => name);
  if (memberPrefix === undefined) return [...kept, ...free];
  const members = [...others.keys()].filter((name) => name.startsWith(memberPrefix)).length + 1;
  const share = Math.ceil(pieces.length / members);
  const held = pieces.filter((piece) => piece.status() === 'held');
  for (const piece of held.slice(share)) void piece.release();
  return [memberPrefix + holder, ...kept, ...free.slice(0, Math.max(0, share - held.length))];
};

const take = ({ pieces, isStopping }: Group, granted: ReadonlySet<string>): void => {
  for (const piece of pieces) {
    if (!granted.has(piece.name)) piece.lose();
    else if (piece.status() === 'waiting' && !isStopping) piece.begin();
  }
};

const isIdle = (piece: LeasedWork): boolean => piece.status() === 'waiting' || isEnded(piece);
const isEnded = (piece: LeasedWork): boolean => piece.status() === 'ended';

/** The work goes on: whoever starts it must bear its late end. */
const within = <Result>(work: Promise<Result>, limitMs: number): Promise<Result> => {
  const late = new AbortController();
  const limit = delay(limitMs, undefined, { signal: late.signal, ref: false }).then((): never => {
    throw new Error(`The database has not answered for ${limitMs} ms.`);
  });
  limit.catch(() => undefined);
  return Promise.race([work, limit]).finally(() => late.abort());
};
