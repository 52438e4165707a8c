/** What must be there before the doors open: everybody's ticket users. Timed apart from the stampede. */
import { closedLoop } from './closed-loop.ts';
import type { Crowd } from './crowd.ts';
import { type EngineApi, UnexpectedAnswer } from './engine-api.ts';
import type { Progress } from './progress.ts';
import { createTicketUserIds, type TicketUserIds } from './ticket-user-ids.ts';

const BUYERS_PER_IMPORT = 500;
/** An import is heavy for the engine: a few at a time keep it busy. */
const IMPORTS_AT_ONCE = 4;
const NO_SUCH_ENDPOINT: ReadonlySet<number> = new Set([404, 405]);
const TOO_LARGE = 413;

export type Preparation = {
  readonly how: 'import' | 'one by one';
  readonly people: number;
  readonly calls: number;
  readonly tookMs: number;
};

export type Prepared = { readonly ids: TicketUserIds; readonly preparation: Preparation };

/**
 * Adds as many ticket users as each party has; those who are there from an earlier run are taken as they
 * are.
 */
export async function prepare(
  api: EngineApi,
  crowd: Crowd,
  connections: number,
  progress: Progress,
): Promise<Prepared> {
  const ids = createTicketUserIds(crowd.buyers, crowd.partyOf);
  const startedAtMs = performance.now();
  const phase = progress.phase('preparing', crowd.buyers);
  const how = (await canImport(api)) ? 'import' : 'one by one';
  const add = how === 'import' ? importAll : addAll;
  const { people, calls } = await add(api, crowd, ids, connections, phase.update);
  const tookMs = performance.now() - startedAtMs;
  phase.end(`${people} ticket users in ${calls} calls`);
  return { ids, preparation: { how, people, calls, tookMs } };
}

type Added = { readonly people: number; readonly calls: number };

async function canImport(api: EngineApi): Promise<boolean> {
  try {
    await api.importTicketUsers([]);
    return true;
  } catch (error) {
    if (!(error instanceof UnexpectedAnswer)) throw error;
    return !NO_SUCH_ENDPOINT.has(error.status);
  }
}

async function importAll(
  api: EngineApi,
  crowd: Crowd,
  ids: TicketUserIds,
  _connections: number,
  update: (done: number) => void,
): Promise<Added> {
  const counts = { people: 0, calls: 0, done: 0 };
  /** Halves what the engine finds too large. */
  const importSome = async (from: number, until: number): Promise<void> => {
    const buyers = Array.from({ length: until - from }, (_, index) => ({
      userId: crowd.userId(from + index),
      ticketUsers: crowd.peopleOf(from + index),
    }));
    try {
      counts.calls += 1;
      const imported = await api.importTicketUsers(buyers);
      const byUser = new Map(imported.map(({ userId, ticketUserIds }) => [userId, ticketUserIds]));
      for (const [index, { userId }] of buyers.entries()) ids.set(from + index, byUser.get(userId) ?? []);
    } catch (error) {
      const isTooLarge = error instanceof UnexpectedAnswer && error.status === TOO_LARGE;
      if (!isTooLarge || buyers.length === 1) throw error;
      const middle = from + Math.ceil(buyers.length / 2);
      await importSome(from, middle);
      await importSome(middle, until);
      return;
    }
    counts.done += buyers.length;
    counts.people += buyers.reduce((sum, { ticketUsers }) => sum + ticketUsers.length, 0);
    update(counts.done);
  };
  await closedLoop(Math.ceil(crowd.buyers / BUYERS_PER_IMPORT), IMPORTS_AT_ONCE, (turn) =>
    importSome(turn * BUYERS_PER_IMPORT, Math.min((turn + 1) * BUYERS_PER_IMPORT, crowd.buyers)),
  );
  return counts;
}

async function addAll(
  api: EngineApi,
  crowd: Crowd,
  ids: TicketUserIds,
  connections: number,
  update: (done: number) => void,
): Promise<Added> {
  const counts = { people: 0, calls: 0, done: 0 };
  await closedLoop(crowd.buyers, connections, async (buyer) => {
    const people = crowd.peopleOf(buyer);
    const userId = crowd.userId(buyer);
    const added: string[] = [];
    for (const person of people) {
      counts.calls += 1;
      const id = await addOrFind(api, userId, person, added.length);
      added.push(id);
    }
    ids.set(buyer, added);
    counts.people += people.length;
    counts.done += 1;
    update(counts.done);
  });
  return counts;
}

/** Of an earlier run with this seed: the accounts list people in the order they were added. */
async function addOrFind(
  api: EngineApi,
  userId: string,
  person: Parameters<EngineApi['addTicketUser']>[1],
  place: number,
): Promise<string> {
  try {
    return await api.addTicketUser(userId, person);
  } catch (error) {
    if (!(error instanceof UnexpectedAnswer) || error.code !== 'id_document_already_added') throw error;
    const there = await api.ticketUsers(userId);
    const id = there[place];
    if (id === undefined) throw error;
    return id;
  }
}
