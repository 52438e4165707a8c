/** Every endpoint of the API, given what it needs of the engine. */
import { auditEndpoints } from '../api/audit.ts';
import { auditRunEndpoints } from '../api/audit-runs.ts';
import type { Endpoint } from '../api/endpoint.ts';
import { holdsEndpoints } from '../api/holds.ts';
import { openApiEndpoint } from '../api/openapi.ts';
import { ordersEndpoints } from '../api/orders/index.ts';
import { paymentEndpoints } from '../api/payments.ts';
import { browseEndpoints } from '../api/programs/browse.ts';
import { operateEndpoints } from '../api/programs/operate.ts';
import { statisticsEndpoints } from '../api/programs/statistics.ts';
import { simulatedProviderEndpoints } from '../api/simulated-provider.ts';
import { ticketUserEndpoints } from '../api/ticket-users.ts';
import { importEndpoint } from '../api/ticket-users-import.ts';
import { ticketEndpoints } from '../api/tickets.ts';
import { addTicketUser } from '../commands/add-ticket-user.ts';
import { cancelOrder } from '../commands/cancel-order.ts';
import { cancelProgram } from '../commands/cancel-program.ts';
import { changeDispatch } from '../commands/change-dispatch.ts';
import { closeSale } from '../commands/close-sale.ts';
import { holdSeats } from '../commands/hold-seats.ts';
import { importTicketUsers } from '../commands/import-ticket-users.ts';
import { findPlan } from '../commands/keep-sale-in-step.ts';
import { listTicketUsers, listTicketUsersEver } from '../commands/list-ticket-users.ts';
import { openSale } from '../commands/open-sale.ts';
import { payOrder } from '../commands/pay-order.ts';
import { publishProgram } from '../commands/publish-program.ts';
import { refundOrder } from '../commands/refund-order.ts';
import { releaseHold } from '../commands/release-hold.ts';
import { removeTicketUser } from '../commands/remove-ticket-user.ts';
import { reviseProgram } from '../commands/revise-program.ts';
import { scheduleSale } from '../commands/schedule-sale.ts';
import { takeCallback } from '../commands/take-callback.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import { ordersOfBuyer } from '../projections/orders/index.ts';
import { programById, programFacets, searchPrograms } from '../projections/programs/index.ts';
import { salesCourse, salesTotals, stockOf } from '../projections/sales-statistics/index.ts';
import { ticketsOfOrder } from '../tickets/tickets-of-order.ts';
import { createAudit } from './audit.ts';
import { isCancelled } from './cancelled.ts';
import { sayHowItEnded } from './forgotten-orders.ts';
import { seatMapFrom } from './seat-maps.ts';
import type { Services } from './services.ts';

/** `everywhere` is what every role answers. */
export const engineEndpoints = (
  services: Services,
  version: string,
  everywhere: readonly Endpoint[],
): readonly Endpoint[] => {
  const endpoints = [
    ...everywhere,
    ...programsOf(services),
    ...buyersOf(services),
    ...moneyOf(services),
    ...auditsOf(services),
  ];
  return [...endpoints, openApiEndpoint(endpoints, version)];
};

/** Programs and their sales, for those who browse and those who run them. */
const programsOf = (services: Services): readonly Endpoint[] => {
  const { nowMs, programDeps: deps } = services;
  const { db } = services.clients;
  const stock = (programId: ProgramId) => stockOf(db, programId);
  return [
    ...browseEndpoints({
      search: (search) => searchPrograms(db, search),
      facets: (filter) => programFacets(db, filter),
      programById: (programId) => programById(db, programId),
      planOf: (layoutRef) => findPlan(deps, layoutRef),
      stockOf: stock,
      seatMapOf: seatMapFrom(services),
      nowMs,
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
      stockOf: stock,
      salesTotals: (programId) => salesTotals(db, programId),
      salesCourse: (course) => salesCourse(db, course),
      isPublished: async (programId) => (await programById(db, programId)) !== undefined,
      nowMs,
    }),
  ];
};

/** Orders, holds, and the people that tickets are made out to. */
const buyersOf = (services: Services): readonly Endpoint[] => {
  const { streams, nowMs, halls, lookup, people, ticketUsers, accountLog } = services;
  const { db } = services.clients;
  const sale = { sale: streams.sales.of };
  const holding = {
    ...sale,
    hasSale: async (programId: ProgramId) => (await halls.of(programId)) !== undefined,
    nowMs,
  };
  const accounts = { account: streams.accounts.of, people, nowMs };
  return [
    ...ordersEndpoints({
      placeOrder: services.placeOrder,
      hallOf: halls.of,
      ...lookup,
      ordersOfBuyer: (asked) => ordersOfBuyer(db, asked),
      cancelOrder: async (orderNumber, buyer, context) => {
        const programId = await lookup.programOf(orderNumber, buyer);
        if (programId === undefined) return { kind: 'refused', code: 'order_not_found' };
        const asked = { programId, orderNumber, buyer };
        return sayHowItEnded(lookup, asked, await cancelOrder(sale, asked, context));
      },
    }),
    ...holdsEndpoints({
      holdSeats: (request, context) => holdSeats(holding, request, context),
      releaseHold: (request, context) => releaseHold(holding, request, context),
      hallOf: halls.of,
    }),
    ...ticketUserEndpoints({
      addTicketUser: (request, context) => addTicketUser(accounts, request, context),
      removeTicketUser: async (request, context) => {
        const answer = await removeTicketUser(accounts, request, context);
        ticketUsers.forget(request.user);
        return answer;
      },
      ticketUsersOf: (user) => listTicketUsers(ticketUsers.log, user),
      people,
    }),
    importEndpoint({
      importTicketUsers: (buyers, context) =>
        importTicketUsers({ ...accounts, log: accountLog }, buyers, context),
    }),
  ];
};

/** What happened, for operators. */
const auditsOf = ({ clients, masterKeys, auditWorker, nowMs }: Services): readonly Endpoint[] => {
  const audit = createAudit({ ...clients, masterKeys, nowMs });
  return [
    ...auditEndpoints({ audit, nowMs }),
    ...auditRunEndpoints({ record: audit.record, run: auditWorker.run }),
  ];
};

/** Payments, the provider that simulates them, and the tickets they buy. */
const moneyOf = (services: Services): readonly Endpoint[] => {
  const { streams, nowMs, lookup, provider, providerOf, ticketKey, people, accountLog } = services;
  const sale = { sale: streams.sales.of };
  const paying = {
    ...sale,
    payment: streams.payments.of,
    provider: providerOf,
    newPaymentsTo: provider,
    isCancelled: isCancelled(streams),
    nowMs,
  };
  return [
    ...paymentEndpoints({
      programOf: lookup.programOf,
      payOrder: async (asked, context) =>
        sayHowItEnded(lookup, asked, await payOrder(paying, asked, context)),
      refundOrder: (asked, context) => refundOrder(sale, asked, context),
      takeCallback: (callback, context) => takeCallback(paying, callback, context),
    }),
    ...(provider === undefined ? [] : simulatedProviderEndpoints({ ...provider, nowMs })),
    ...ticketEndpoints({
      ticketsOfOrder: async (orderNumber, buyer) => {
        const order = await lookup.orderOfBuyer(orderNumber, buyer);
        return order && ticketsOfOrder(order, ticketKey);
      },
      maskedNames: async (buyer, wanted) => {
        const known = await listTicketUsersEver(accountLog, buyer);
        const shown = known.filter(({ ticketUser }) => wanted.includes(ticketUser));
        const names = await Promise.all(
          shown.map(async (sealed) => {
            const { name } = await people.openMasked(sealed.personKey, sealed);
            return [sealed.ticketUser, name] as const;
          }),
        );
        return new Map(names);
      },
      publicKey: ticketKey.publicKey,
    }),
  ];
};
