/** What the events of a sale make of the owners of one seat. */
import type { Place } from '../domain/sale/index.ts';
import type { UserId } from '../domain/shared/ids.ts';
import type { Ownership } from './answers.ts';
import type { LogEvent } from './log.ts';
import { eventAnswer } from './says.ts';

type Owner = Pick<Ownership, 'state' | 'buyer' | 'holdToken' | 'orderNumber'>;

/** The seat gets an owner, or loses the one it had; `why` tells of the one before. */
type Change = { readonly owner: Owner | undefined; readonly why: string };

export type Owners = {
  /** An event of the sale, in its order. */
  readonly take: (event: LogEvent) => void;
  readonly list: () => Ownership[];
  /** Orders whose buyer is not known: they came to this seat from another one. */
  readonly withoutBuyer: () => ReadonlySet<string>;
  readonly setBuyer: (orderNumber: string, buyer: UserId) => void;
};

export const createOwners = (seat: number): Owners => {
  const list: Ownership[] = [];
  return {
    take: (event) => {
      const last = list.at(-1);
      const open = last?.until === null ? last : undefined;
      const change = changeOf(event, seat, open, list);
      if (change === undefined) return;
      const answer = eventAnswer(event);
      if (open !== undefined) list[list.length - 1] = { ...open, until: answer, ended: change.why };
      if (change.owner !== undefined) list.push({ ...change.owner, from: answer, until: null, ended: null });
    },
    list: () => list,
    withoutBuyer: () =>
      new Set(
        list.flatMap(({ buyer, orderNumber }) =>
          buyer === null && orderNumber !== null ? [orderNumber] : [],
        ),
      ),
    setBuyer: (orderNumber, buyer) => {
      for (const [index, one] of list.entries()) {
        if (one.orderNumber === orderNumber && one.buyer === null) list[index] = { ...one, buyer };
      }
    },
  };
};

const changeOf = (
  event: LogEvent,
  seat: number,
  open: Ownership | undefined,
  before: readonly Ownership[],
): Change | undefined => {
  const isHere = (places: readonly Place[]): boolean => places.some(([, number]) => number === seat);
  const ofOrder = (orderNumber: string) => ({
    buyer: before.findLast((one) => one.orderNumber === orderNumber)?.buyer ?? null,
    holdToken: null,
    orderNumber,
  });
  switch (event.type) {
    case 'SeatsHeld': {
      const { places, buyer, holdToken } = event.data;
      if (!isHere(places)) return undefined;
      return { owner: { state: 'held', buyer, holdToken, orderNumber: null }, why: 'held by another' };
    }
    case 'OrderPlaced': {
      const { tickets, buyer, orderNumber, holdToken = null } = event.data;
      if (tickets.some((ticket) => ticket.seat === seat)) {
        return {
          owner: { state: 'ordered', buyer, holdToken, orderNumber },
          why: 'the hold became an order',
        };
      }
      const wasItsHold = holdToken !== null && open?.holdToken === holdToken;
      return wasItsHold ? { owner: undefined, why: 'the hold became an order without it' } : undefined;
    }
    case 'OrderReseated': {
      const { places, orderNumber } = event.data;
      return isHere(places)
        ? { owner: { state: 'ordered', ...ofOrder(orderNumber) }, why: 'given to a late payment' }
        : undefined;
    }
    case 'OrderPaid': {
      const { places, orderNumber } = event.data;
      return isHere(places)
        ? { owner: { state: 'sold', ...ofOrder(orderNumber) }, why: 'the order was paid' }
        : undefined;
    }
    case 'HoldReleased':
    case 'HoldExpired':
    case 'OrderCancelled':
    case 'OrderExpired':
    case 'OrderRefunded':
      return isHere(event.data.places) ? { owner: undefined, why: REASONS[event.type] } : undefined;
    default:
      return undefined;
  }
};

const REASONS = {
  HoldReleased: 'its buyer let go of it',
  HoldExpired: 'the hold ran out',
  OrderCancelled: 'the order was cancelled',
  OrderExpired: 'the order was not paid in time',
  OrderRefunded: 'the ticket was given back',
} as const;
