/** One payment as the books have it: what was taken for it, what of that goes back, what the sale keeps. */
import type { EventRef } from './event-ref.ts';

export type Charge = {
  readonly reference: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** Pays the order; a stray charge pays nothing and has to go back. */
  readonly pays: boolean;
  readonly by: EventRef;
  refundsMinor: number;
};

export type Refund = {
  readonly refundId: string;
  readonly reference: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly by: EventRef;
  completedBy: EventRef | undefined;
};

export type Account = {
  readonly paymentNumber: string;
  /** Undefined while only the sale has spoken of the payment. */
  orderNumber: string | undefined;
  request:
    | {
        readonly amountMinor: number;
        readonly currency: string;
        readonly buyer: string;
        readonly by: EventRef;
      }
    | undefined;
  readonly charges: Charge[];
  readonly refunds: Refund[];
  /** By OrderPaid, less OrderRefunded: what the tickets of the order stand for. */
  keptMinor: number;
  issued: boolean;
  /** Of its stream. */
  nextRevision: number;
  last: EventRef;
};

export const openAccount = (paymentNumber: string, by: EventRef): Account => ({
  ...{ paymentNumber, orderNumber: undefined, request: undefined, charges: [], refunds: [] },
  ...{ keptMinor: 0, issued: false, nextRevision: 0, last: by },
});

export const payingCharge = ({ charges }: Account): Charge | undefined => charges.find(({ pays }) => pays);

export const capturedMinor = ({ charges }: Account): number =>
  charges.reduce((sum, { amountMinor }) => sum + amountMinor, 0);

export const refundsMinor = ({ charges }: Account): number =>
  charges.reduce((sum, charge) => sum + charge.refundsMinor, 0);

export const givenBackMinor = ({ refunds }: Account): number =>
  refunds.reduce(
    (sum, { amountMinor, completedBy }) => sum + (completedBy === undefined ? 0 : amountMinor),
    0,
  );
