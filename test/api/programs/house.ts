/** The endpoints of programs, holds and ticket users over real stores, with the read models running. */
import { afterAll, beforeAll } from 'vitest';
import { holdsEndpoints } from '../../../src/api/holds.ts';
import { browseEndpoints } from '../../../src/api/programs/browse.ts';
import { operateEndpoints } from '../../../src/api/programs/operate.ts';
import { statisticsEndpoints } from '../../../src/api/programs/statistics.ts';
import { ticketUserEndpoints } from '../../../src/api/ticket-users.ts';
import { addTicketUser } from '../../../src/commands/add-ticket-user.ts';
import { cancelProgram } from '../../../src/commands/cancel-program.ts';
import { changeDispatch } from '../../../src/commands/change-dispatch.ts';
import { closeSale } from '../../../src/commands/close-sale.ts';
import { holdSeats } from '../../../src/commands/hold-seats.ts';
import { findPlan } from '../../../src/commands/keep-sale-in-step.ts';
import { listTicketUsers } from '../../../src/commands/list-ticket-users.ts';
import { openSale } from '../../../src/commands/open-sale.ts';
import { publishProgram } from '../../../src/commands/publish-program.ts';
import { releaseHold } from '../../../src/commands/release-hold.ts';
import { removeTicketUser } from '../../../src/commands/remove-ticket-user.ts';
import { reviseProgram } from '../../../src/commands/revise-program.ts';
import { scheduleSale } from '../../../src/commands/schedule-sale.ts';
import { createSeatNames } from '../../../src/domain/sale/index.ts';
import type { ProgramId } from '../../../src/domain/shared/ids.ts';
import { engineCodec, streamPrefixes } from '../../../src/event-catalogue.ts';
import { type EventStore, openEventStore } from '../../../src/eventstore/index.ts';
import { logSource } from '../../../src/eventstore/log-source.ts';
import { migrate } from '../../../src/postgres/migrate.ts';
import { createPersonKeys } from '../../../src/postgres/person-keys.ts';
import { openPostgres, type Postgres } from '../../../src/postgres/pool.ts';
import { createPeople } from '../../../src/privacy/index.ts';
import { programById, programFacets, searchPrograms } from '../../../src/projections/programs/index.ts';
import { createProjections } from '../../../src/projections/registry.ts';
import { startProjections } from '../../../src/projections/runner.ts';
import { salesCourse, salesTotals, stockOf } from '../../../src/projections/sales-statistics/index.ts';
import { createSellingNode, type SellingNode } from '../../support/selling.ts';
import { useStores } from '../../support/stores.ts';
import { type LaneServer, startLane } from '../lanes.ts';

export type House = { readonly port: number; readonly db: Postgres['db']; readonly node: SellingNode };

/** Call it once at the top of a test file. */
export function useHouse(): House {
  const stores = useStores();
  let house: House | undefined;
  const close: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    const store = openEventStore({ connectionString: stores.eventStoreUrl });
    close.push(() => store.close());
    const postgres = openPostgres({ url: stores.postgresUrl, max: 8, onError: () => undefined });
    close.push(() => postgres.close());
    await migrate(postgres.db);
    const runner = await startReadModels(store, postgres.db);
    close.push(() => runner.stop());
    const node = createSellingNode(store);
    const server = await serve(node, postgres.db);
    close.push(() => server.close());
    house = { port: server.port, db: postgres.db, node };
  });
  afterAll(async () => {
    for (const each of close.reverse()) await each();
  });
  const there = (): House => {
    if (house === undefined) throw new Error('The house of this file is not open yet.');
    return house;
  };
  return {
    get port() {
      return there().port;
    },
    get db() {
      return there().db;
    },
    get node() {
      return there().node;
    },
  };
}

const startReadModels = (store: EventStore, db: Postgres['db']) =>
  startProjections({
    db,
    source: logSource(store, engineCodec, { name: 'projections', streamPrefixes }),
    projections: createProjections(),
    isUnavailable: () => false,
    onStopped: (name, { error }) => console.error(name, error),
  });

const serve = (node: SellingNode, db: Postgres['db']): Promise<LaneServer> =>
  startLane('express', [...programs(node, db), ...buyers(node, db)]);

const programs = ({ deps }: SellingNode, db: Postgres['db']) => [
  ...browseEndpoints({
    search: (search) => searchPrograms(db, search),
    facets: (filter) => programFacets(db, filter),
    programById: (programId) => programById(db, programId),
    planOf: (layoutRef) => findPlan(deps, layoutRef),
    stockOf: (programId) => stockOf(db, programId),
    // Kept by the gate, which has its own tests.
    seatMapOf: async () => undefined,
    nowMs: Date.now,
  }),
  ...operateEndpoints({
    publishProgram: (request, context) => publishProgram(deps, request, context),
    reviseProgram: (request, context) => reviseProgram(deps, request, context),
    scheduleSale: (request, context) => scheduleSale(deps, request, context),
    openSale: (programId, context) => openSale(deps, programId, context),
    closeSale: (request, context) => closeSale(deps, request, context),
    cancelProgram: (request, context) => cancelProgram(deps, request, context),
    changeDispatch: (request, context) => changeDispatch(deps, request, context),
  }),
  ...statisticsEndpoints({
    stockOf: (programId) => stockOf(db, programId),
    salesTotals: (programId) => salesTotals(db, programId),
    salesCourse: (course) => salesCourse(db, course),
    isPublished: async (programId) => (await programById(db, programId)) !== undefined,
    nowMs: Date.now,
  }),
];

const buyers = ({ sales, accounts, accountLog }: SellingNode, db: Postgres['db']) => {
  const people = createPeople({
    masterKeys: { current: { id: '1', bytes: new Uint8Array(32).fill(1) }, former: [] },
    personKeys: createPersonKeys(db),
    idHashKey: { bytes: new Uint8Array(32).fill(2) },
  });
  const hallOf = (programId: ProgramId) =>
    sales
      .of(programId)
      .ask(({ book }) => book && { terms: book.terms, names: createSeatNames(book.terms.layout) });
  const holding = {
    sale: sales.of,
    hasSale: async (programId: ProgramId) => (await hallOf(programId)) !== undefined,
    nowMs: Date.now,
  };
  const accountDeps = { account: accounts.of, people, nowMs: Date.now };
  return [
    ...holdsEndpoints({
      holdSeats: (request, context) => holdSeats(holding, request, context),
      releaseHold: (request, context) => releaseHold(holding, request, context),
      hallOf,
    }),
    ...ticketUserEndpoints({
      addTicketUser: (request, context) => addTicketUser(accountDeps, request, context),
      removeTicketUser: (request, context) => removeTicketUser(accountDeps, request, context),
      ticketUsersOf: (user) => listTicketUsers(accountLog, user),
      people,
    }),
  ];
};
