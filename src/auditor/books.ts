/** The books of a program: what was captured per payment, and where the sale and the refunds say it went. */
import {
  type Account,
  type Charge,
  capturedMinor,
  givenBackMinor,
  openAccount,
  payingCharge,
  refundsMinor,
} from './accounts.ts';
import type { EventRef } from './event-ref.ts';
import type { Findings } from './findings.ts';
import { bookPayment, type PaymentDeps } from './payments.ts';
import type { Saying } from './stored-format.ts';

/** Minor units of the program's currency. */
export type Balance = {
  readonly payments: number;
  readonly capturedMinor: number;
  readonly issuedMinor: number;
  readonly refundedMinor: number;
  readonly awaitingMinor: number;
};

type Paid = {
  readonly orderNumber: string;
  readonly paymentNumber: string;
  readonly amountMinor: number;
  /** Of the program. */
  readonly currency: string;
  /** Whose order it is, where there is one. */
  readonly buyer: string | undefined;
};

export type Books = {
  readonly find: (paymentNumber: string) => Account | undefined;
  readonly account: (paymentNumber: string, by: EventRef) => Account;
  readonly payment: (event: Saying<'Payment'>, by: EventRef) => void;
  /** The sale takes the payment for its order. */
  readonly paid: (paid: Paid, by: EventRef) => void;
  /** An order that ended was paid, and the money has to go back. */
  readonly refused: (paid: Paid, by: EventRef) => void;
  readonly issued: (orderNumber: string, paymentNumber: string | undefined, by: EventRef) => void;
  /** The sale gave up this much of what it had kept. */
  readonly returned: (paymentNumber: string, amountMinor: number, by: EventRef) => void;
  /** At the end of the log. Money that nobody has moved since `dueBeforeMs` is lost, not awaiting. */
  readonly close: (dueBeforeMs: number) => Balance;
  /** Requested, and neither done nor given up. */
  readonly refundsUnderWay: () => number;
};

/** `chargedBy`: the event that each charge of a provider was first written down by, of all programs. */
export function createBooks(findings: Findings, chargedBy: Map<string, EventRef>): Books {
  const accounts = new Map<string, Account>();
  const deps: PaymentDeps = { findings, chargedBy };
  const of = (paymentNumber: string, by: EventRef): Account => {
    const known = accounts.get(paymentNumber);
    if (known !== undefined) return known;
    const opened = openAccount(paymentNumber, by);
    accounts.set(paymentNumber, opened);
    return opened;
  };
  return {
    find: (paymentNumber) => accounts.get(paymentNumber),
    account: of,
    payment: (event, by) => bookPayment(deps, of(event.data.paymentNumber, by), event, by),
    paid: (paid, by) => {
      const account = accountOfOrder(findings, of(paid.paymentNumber, by), paid, by);
      const charge = payingCharge(account);
      if (charge === undefined) {
        const text = `order ${paid.orderNumber} counts as paid by payment ${paid.paymentNumber}`;
        findings.broken('ticket_without_capture', `${text}, which has captured nothing`, by);
        return;
      }
      account.keptMinor += charge.amountMinor;
      sameMoney(findings, charge, paid, by);
    },
    refused: (paid, by) => {
      const charge = payingCharge(accountOfOrder(findings, of(paid.paymentNumber, by), paid, by));
      if (charge === undefined) {
        const text = `payment ${paid.paymentNumber} came too late for order ${paid.orderNumber}`;
        findings.broken('refused_without_capture', `${text}, and has captured nothing`, by);
      } else sameMoney(findings, charge, paid, by);
    },
    issued: (orderNumber, paymentNumber, by) => {
      const account = paymentNumber === undefined ? undefined : of(paymentNumber, by);
      if (account !== undefined && payingCharge(account) !== undefined) account.issued = true;
      else {
        const text = `order ${orderNumber} got tickets without captured money`;
        findings.broken('ticket_without_capture', text, by);
      }
    },
    returned: (paymentNumber, amountMinor, by) => {
      const account = of(paymentNumber, by);
      account.keptMinor -= amountMinor;
      account.last = by;
    },
    close: (dueBeforeMs) => {
      for (const account of accounts.values()) judge(findings, account, dueBeforeMs);
      return balanceOf(accounts);
    },
    refundsUnderWay: () => {
      const open = [...accounts.values()].map(
        ({ refunds }) => refunds.filter(({ completedBy }) => completedBy === undefined).length,
      );
      return open.reduce((sum, count) => sum + count, 0);
    },
  };
}

function sameMoney(findings: Findings, charge: Charge, paid: Paid, by: EventRef): void {
  if (charge.amountMinor === paid.amountMinor && charge.currency === paid.currency) return;
  const text =
    `payment ${paid.paymentNumber} stands for ${paid.amountMinor} ${paid.currency}, ` +
    `${charge.amountMinor} ${charge.currency} were captured`;
  findings.broken('payment_amount_wrong', text, charge.by, by);
}

function accountOfOrder(
  findings: Findings,
  account: Account,
  { orderNumber, buyer }: Paid,
  by: EventRef,
): Account {
  const { request } = account;
  if (request !== undefined && buyer !== undefined && request.buyer !== buyer) {
    const payment = `payment ${account.paymentNumber} of ${request.buyer}`;
    const text = `order ${orderNumber} of ${buyer} is paid by ${payment}`;
    findings.broken('payment_of_another_buyer', text, request.by, by);
  }
  const of = account.orderNumber;
  if (of !== undefined && of !== orderNumber) {
    const text = `order ${orderNumber} is paid by payment ${account.paymentNumber} of order ${of}`;
    findings.broken('payment_of_another_order', text, account.last, by);
  }
  account.last = by;
  return account;
}

function judge(findings: Findings, account: Account, dueBeforeMs: number): void {
  const { paymentNumber, keptMinor, last, refunds } = account;
  const captured = capturedMinor(account);
  const toRefund = refundsMinor(account);
  const idle = captured - keptMinor - toRefund;
  const says =
    `payment ${paymentNumber}: ${captured} captured, ${keptMinor} kept, ` + `${toRefund} to be refunded`;
  const events = [...account.charges.map(({ by }) => by), ...refunds.map(({ by }) => by), last];
  // Refunds beyond the charge have been found already.
  if ((keptMinor < 0 || idle < 0) && toRefund <= captured) {
    findings.broken('money_spent_twice', `${says}: more than there is`, ...events);
  }
  if (idle > 0 && last.recordedAtMs < dueBeforeMs) {
    findings.broken('money_lost', `${says}: ${idle} forgotten`, ...events);
  }
}

function balanceOf(accounts: ReadonlyMap<string, Account>): Balance {
  const sum = { capturedMinor: 0, issuedMinor: 0, refundedMinor: 0, awaitingMinor: 0 };
  for (const account of accounts.values()) {
    const captured = capturedMinor(account);
    const issued = account.issued ? account.keptMinor : 0;
    const refunded = givenBackMinor(account);
    sum.capturedMinor += captured;
    sum.issuedMinor += issued;
    sum.refundedMinor += refunded;
    sum.awaitingMinor += captured - issued - refunded;
  }
  return { payments: accounts.size, ...sum };
}
