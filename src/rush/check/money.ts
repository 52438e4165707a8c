/** The books of a sale: what was captured per payment, and where the sale and the refunds say it went. */
import type { PaymentEvent } from '../../domain/payment/index.ts';
import type { Findings } from './findings.ts';

type Account = {
  /** By PaymentCaptured; the payment pays its order. */
  paysMinor: number;
  /** By StrayPaymentCaptured; it pays nothing and has to go back. */
  strayMinor: number;
  /** By OrderPaid, less OrderRefunded: what the tickets of the order stand for. */
  keptMinor: number;
  issued: boolean;
  refundsRequestedMinor: number;
  refundedMinor: number;
  lastEventAtMs: number;
};

export type Books = {
  readonly payment: (event: PaymentEvent, recordedAtMs: number) => void;
  readonly paid: (paymentNumber: string, amountMinor: number, how: string, recordedAtMs: number) => void;
  readonly issued: (paymentNumber: string | undefined, how: string, recordedAtMs: number) => void;
  /** The sale gave up this much of what it had kept. */
  readonly returned: (paymentNumber: string, amountMinor: number, recordedAtMs: number) => void;
  /** At the end of the log. Money that nobody has moved since `quietSinceMs` is lost, not awaiting. */
  readonly close: (quietSinceMs: number) => Balance;
};

/** Minor units of the program's currency. */
export type Balance = {
  readonly payments: number;
  readonly capturedMinor: number;
  readonly issuedMinor: number;
  readonly refundedMinor: number;
  readonly awaitingMinor: number;
};

export function createBooks(findings: Findings): Books {
  const accounts = new Map<string, Account>();
  const wrong = (text: string) => findings.broken('money', text);
  const of = (paymentNumber: string, recordedAtMs: number): Account => {
    const account = accounts.get(paymentNumber) ?? {
      ...{ paysMinor: 0, strayMinor: 0, keptMinor: 0, issued: false },
      ...{ refundsRequestedMinor: 0, refundedMinor: 0, lastEventAtMs: 0 },
    };
    account.lastEventAtMs = Math.max(account.lastEventAtMs, recordedAtMs);
    accounts.set(paymentNumber, account);
    return account;
  };
  return {
    payment: ({ type, data }, recordedAtMs) => {
      const account = of(data.paymentNumber, recordedAtMs);
      if (type === 'PaymentCaptured') account.paysMinor += data.amountMinor;
      else if (type === 'StrayPaymentCaptured') account.strayMinor += data.amountMinor;
      else if (type === 'RefundRequested') account.refundsRequestedMinor += data.amountMinor;
      else if (type === 'RefundCompleted') account.refundedMinor += data.amountMinor;
    },
    paid: (paymentNumber, amountMinor, how, recordedAtMs) => {
      const account = of(paymentNumber, recordedAtMs);
      account.keptMinor += amountMinor;
      if (account.paysMinor !== amountMinor) {
        wrong(`payment ${paymentNumber} paid ${amountMinor} of ${account.paysMinor} captured (${how})`);
      }
    },
    issued: (paymentNumber, how, recordedAtMs) => {
      const account = paymentNumber === undefined ? undefined : of(paymentNumber, recordedAtMs);
      if (account === undefined || account.paysMinor === 0) wrong(`tickets without captured money (${how})`);
      else account.issued = true;
    },
    returned: (paymentNumber, amountMinor, recordedAtMs) => {
      of(paymentNumber, recordedAtMs).keptMinor -= amountMinor;
    },
    close: (quietSinceMs) => balance(accounts, quietSinceMs, wrong),
  };
}

function balance(
  accounts: ReadonlyMap<string, Account>,
  quietSinceMs: number,
  wrong: (text: string) => void,
): Balance {
  const sum = { capturedMinor: 0, issuedMinor: 0, refundedMinor: 0, awaitingMinor: 0 };
  for (const [number, account] of accounts) {
    const { keptMinor, refundsRequestedMinor, refundedMinor, issued } = account;
    const capturedMinor = account.paysMinor + account.strayMinor;
    const idleMinor = capturedMinor - keptMinor - refundsRequestedMinor;
    const says =
      `payment ${number}: ${capturedMinor} captured, ${keptMinor} kept, ` +
      `${refundsRequestedMinor} to be refunded`;
    if (keptMinor < 0 || idleMinor < 0) wrong(`${says}: more than there is`);
    if (refundedMinor > refundsRequestedMinor) wrong(`${says}, but ${refundedMinor} refunded`);
    if (idleMinor > 0 && account.lastEventAtMs < quietSinceMs) wrong(`${says}: ${idleMinor} forgotten`);
    sum.capturedMinor += capturedMinor;
    sum.issuedMinor += issued ? keptMinor : 0;
    sum.refundedMinor += refundedMinor;
    sum.awaitingMinor += capturedMinor - (issued ? keptMinor : 0) - refundedMinor;
  }
  return { payments: accounts.size, ...sum };
}
