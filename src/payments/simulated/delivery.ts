/**
 * Delivers the callbacks that the simulated provider owes, over HTTP like a real one: signed anew at each
 * try, until the engine has answered that it took them. What was not delivered is in the database, and goes
 * out after a restart.
 */
import { sql } from 'kysely';
import type { SecretKey } from '../../privacy/index.ts';
import type { Db } from '../../projections/database.ts';
import { SIGNATURE_HEADER, signCallback } from '../signature.ts';

const SECOND_MS = 1_000;
const MAX_PER_CALL = 50;
const FIRST_DELAY_MS = SECOND_MS;
const MAX_DELAY_MS = 3_600 * SECOND_MS;
/** About two days. What is not taken by then stays in the table for a person to see. */
const MAX_TRIES = 60;
const TIMEOUT_MS = 10 * SECOND_MS;
const CLAIM_MS = 2 * TIMEOUT_MS;

/** Resolves to the status of the answer; rejects when there is none. */
export type Post = (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<number>;

export type DeliveryDeps = {
  readonly db: Db;
  readonly key: SecretKey;
  /** The engine's own address for callbacks of this provider; known once it listens. */
  readonly callbackUrl: () => string;
  readonly nowMs: () => number;
  readonly post?: Post;
};

/**
 * Tries every callback that is due, once, and answers how many were taken. Several nodes may do so at a time:
 * each takes others. Rejects with the database's own errors.
 */
export const deliverCallbacks = async (deps: DeliveryDeps): Promise<number> => {
  const due = await claim(deps.db, deps.nowMs());
  const taken = await Promise.all(due.map((callback) => deliver(deps, callback)));
  return taken.filter(Boolean).length;
};

type Callback = { readonly callback_id: string; readonly body: string; readonly tries: number };

/** Nobody else's until we must have an answer; due again then, should we end before. */
const claim = async (db: Db, nowMs: number): Promise<readonly Callback[]> => {
  const { rows } = await sql<Callback>`
    update simulated_callback
    set tries = tries + 1, due_ms = ${nowMs + CLAIM_MS}::bigint
    where callback_id in (
      select callback_id from simulated_callback
      where due_ms <= ${nowMs}::bigint and tries < ${MAX_TRIES}
      order by due_ms limit ${MAX_PER_CALL} for update skip locked
    )
    returning callback_id, body, tries`.execute(db);
  return rows;
};

const deliver = async (deps: DeliveryDeps, callback: Callback): Promise<boolean> => {
  const { callback_id, body } = callback;
  const signature = signCallback(deps.key, Buffer.from(body), deps.nowMs());
  const headers = { 'content-type': 'application/json', [SIGNATURE_HEADER]: signature };
  const status = await (deps.post ?? post)(deps.callbackUrl(), headers, body).catch(() => undefined);
  const isTaken = status !== undefined && status >= 200 && status < 300;
  if (isTaken)
    await deps.db.deleteFrom('simulated_callback').where('callback_id', '=', callback_id).execute();
  else await postpone(deps, callback);
  return isTaken;
};

const postpone = async ({ db, nowMs }: DeliveryDeps, { callback_id, tries }: Callback): Promise<void> => {
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (tries - 1), MAX_DELAY_MS);
  await db
    .updateTable('simulated_callback')
    .set({ due_ms: nowMs() + delayMs })
    .where('callback_id', '=', callback_id)
    .execute();
};

const post: Post = async (url, headers, body) => {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
  await answer.arrayBuffer();
  return answer.status;
};
