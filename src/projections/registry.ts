/** Every SQL read model of the engine, as the runner takes them, and the events that none of them wants. */
import type { AccountEvent } from '../domain/account/index.ts';
import type { AuditTrailEvent } from '../domain/audit-trail/index.ts';
import type { OrderQueueEvent } from '../domain/order-queue/index.ts';
import type { PaymentEvent } from '../domain/payment/index.ts';
import type { ProgramEvent } from '../domain/program/index.ts';
import type { ProjectionEvent } from '../domain/projection/index.ts';
import type { SaleEvent } from '../domain/sale/index.ts';
import type { SalePlanEvent } from '../domain/sale-plan/index.ts';
import { deadlinesProjection } from './deadlines/index.ts';
import { orderEventsProjection } from './order-events/index.ts';
import { createOrdersProjection } from './orders/index.ts';
import { paymentsProjection } from './payments/index.ts';
import { programsProjection } from './programs/index.ts';
import type { Projected, Projection } from './projection.ts';
import { salesStatisticsProjection } from './sales-statistics/index.ts';
import { createTicketsProjection } from './tickets/index.ts';

export type EngineEvent =
  | ProgramEvent
  | SalePlanEvent
  | SaleEvent
  | PaymentEvent
  | AccountEvent
  | OrderQueueEvent
  | ProjectionEvent
  | AuditTrailEvent;

/** One set for each database: some remember what they have read. */
export const createProjections = (): readonly Projection<EngineEvent>[] => [
  among(programsProjection),
  among(createOrdersProjection()),
  among(salesStatisticsProjection),
  among(deadlinesProjection),
  among(paymentsProjection),
  among(createTicketsProjection()),
  among(orderEventsProjection),
];

/** Named, so that a new event is either shown somewhere or left out on purpose. */
export const eventsWithoutReadModel: readonly EngineEvent['type'][] = [
  // The program's own events say what visitors see of a sale's times and of its end.
  'SaleEnded',
  'SaleRescheduled',
  // A plan never changes, and is read from its own stream.
  'SalePlanned',
  // Ticket users are read from the account itself: few, sealed, and wanted as they are now.
  'TicketUserAdded',
  'TicketUserRemoved',
  'PersonErased',
  // About the read models themselves: read from their own streams by whoever builds them anew.
  'ProjectionEventSkipped',
  'ProjectionRebuilt',
  'ProjectionRolledBack',
  // Who has looked into the log is read from the operator's own stream.
  'AuditRead',
];

/** A projection of some events as one of all events: the runner hands it those it handles. */
const among = <Event extends EngineEvent>(projection: Projection<Event>): Projection<EngineEvent> => {
  const handles = new Set<string>(projection.handles);
  const isWanted = (event: Projected<EngineEvent>): event is Projected<EngineEvent> & Projected<Event> =>
    handles.has(event.type);
  return {
    ...projection,
    tables: projection.tables.map((table) => ({
      ...table,
      subjectsOf: (event) => (isWanted(event) ? table.subjectsOf(event) : []),
    })),
    apply: (db, events) => projection.apply(db, events.filter(isWanted)),
  };
};
