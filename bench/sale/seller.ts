/** What a sale is to those who measure it, whoever sells: requests, and which answers are as they should be. */
import type { Load } from '../http/load.ts';
import { requestBytes } from '../http/request.ts';

export const CATEGORY = 'hall';
export const PRICE_MINOR = 88_000;

export const sellerNames = ['plain', 'floor', 'v3', 'v4'] as const;
export type SellerName = (typeof sellerNames)[number];

export type IsExpected = Load['isExpected'];

export const isOk: IsExpected = (answer) => answer.startsWith('HTTP/1.1 200');
export const isQueued: IsExpected = (answer) => answer.startsWith('HTTP/1.1 202');
export const isSoldOut: IsExpected = (answer) =>
  answer.startsWith('HTTP/1.1 409') && answer.includes('"sold_out"');

/** A sale that is open, with every request that will be sent to it. */
export type OpenSale = {
  /** As many as there are seats. */
  readonly first: readonly Buffer[];
  /** Of as many other buyers. */
  readonly late: readonly Buffer[];
  /** Waits until all that the seller does behind its answers is done; how long that took, in s. */
  readonly settle: () => Promise<number>;
};

export type Seller = {
  readonly name: SellerName;
  readonly port: number;
  readonly connections: number;
  readonly isAccepted: IsExpected;
  readonly isSoldOut: IsExpected;
  /** Of the process that answers, so far, in ms. */
  readonly cpuMs: () => number;
  readonly open: (seats: number, number: number) => Promise<OpenSale>;
};

type Ordering = {
  readonly path: string;
  readonly programId: string;
  readonly token: string;
  readonly ticketUserIds: readonly string[];
};

export const orderBytes = ({ path, programId, token, ticketUserIds }: Ordering): Buffer =>
  requestBytes({
    method: 'POST',
    path,
    token,
    idempotencyKey: programId,
    body: { programId, ticketUserIds, categoryId: CATEGORY },
  });

/** As the page does that a buyer orders from. From then on the seller has verified the buyer's token. */
export const visitBytes = (token: string): Buffer =>
  requestBytes({ method: 'GET', path: '/ticket-users', token });
