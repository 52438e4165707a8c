/**
 * Every refusal of the API: its code, which never changes, the status of the answer and a sentence for
 * people. A code that is missing here does not compile.
 */
import type { AccountRefusalCode } from '../domain/account/index.ts';
import type { PaymentRefusalCode } from '../domain/payment/index.ts';
import type { ProgramRefusalCode } from '../domain/program/index.ts';
import type { ProjectionRefusalCode } from '../domain/projection/index.ts';
import type { SaleRefusalCode } from '../domain/sale/index.ts';
import type { SalePlanRefusalCode } from '../domain/sale-plan/index.ts';
import type { IdNumberRefusalCode, NameRefusalCode } from '../privacy/index.ts';
import type { Reply } from './endpoint.ts';

/** What the API itself refuses, before anybody decides. */
export type ApiRefusalCode =
  | 'malformed_request'
  | 'invalid_request'
  | 'body_too_large'
  | 'unsupported_encoding'
  | 'not_found'
  | 'method_not_allowed'
  | 'unauthenticated'
  | 'token_expired'
  | 'forbidden'
  | 'rate_limited'
  | 'overloaded'
  | 'unavailable'
  | 'busy'
  | 'duplicate_submission'
  | 'cursor_invalid'
  | 'signature_invalid'
  | 'callback_too_old'
  | 'unknown_provider'
  | 'payment_declined'
  | 'too_many_payments'
  | 'no_payment_provider'
  | 'tickets_not_issued'
  | 'projection_not_found'
  | 'projection_not_stopped'
  | 'projection_stopped_elsewhere'
  | 'moment_invalid'
  | 'reason_needed'
  | 'seat_ambiguous'
  | 'unknown_setting'
  | 'bad_setting'
  | 'audit_too_large'
  | 'log_unreadable'
  | 'internal_error';

export type RefusalCode =
  | ApiRefusalCode
  | SaleRefusalCode
  | ProgramRefusalCode
  | SalePlanRefusalCode
  | PaymentRefusalCode
  | AccountRefusalCode
  | ProjectionRefusalCode
  | IdNumberRefusalCode
  | NameRefusalCode;

type Entry = readonly [status: number, title: string];

const api: Readonly<Record<ApiRefusalCode, Entry>> = {
  malformed_request: [400, 'The request is not well formed.'],
  invalid_request: [422, 'The request has fields that are missing, unknown or wrong.'],
  body_too_large: [413, 'The body of the request is too large.'],
  unsupported_encoding: [415, 'The body of the request is not JSON in UTF-8.'],
  not_found: [404, 'There is nothing here.'],
  method_not_allowed: [405, 'This address does not take this method.'],
  unauthenticated: [401, 'A valid bearer token is needed.'],
  token_expired: [401, 'The token has expired.'],
  forbidden: [403, 'The token does not allow this.'],
  rate_limited: [429, 'Too many requests: come again later.'],
  overloaded: [503, 'Too many are being served: come again in a moment.'],
  unavailable: [503, 'Something that this needs does not answer: come again in a moment.'],
  busy: [503, 'Others were at work on the same sale for too long: come again in a moment.'],
  duplicate_submission: [409, 'Another order of yours for this program is under way.'],
  cursor_invalid: [400, 'The cursor is not one that this list has given out.'],
  signature_invalid: [401, 'The signature does not fit the message.'],
  callback_too_old: [401, 'The message is too old, or of the future.'],
  unknown_provider: [404, 'There is no such payment provider.'],
  payment_declined: [409, 'The payment was declined.'],
  too_many_payments: [409, 'Too many payments of this order came to nothing.'],
  no_payment_provider: [503, 'No payment provider is set up here: nothing can be paid.'],
  tickets_not_issued: [409, 'The tickets are not issued yet: come again in a moment.'],
  projection_not_found: [404, 'There is no such projection.'],
  projection_not_stopped: [409, 'The projection is not stopped.'],
  projection_stopped_elsewhere: [409, 'The projection is stopped at another event.'],
  moment_invalid: [422, 'The moment is none that can be asked about.'],
  reason_needed: [422, 'Data of people in clear needs a reason, which is kept.'],
  seat_ambiguous: [409, 'Several seats are called that: say more.'],
  unknown_setting: [422, 'There is no such setting to ask about.'],
  bad_setting: [422, 'The value of a setting is none that it can have.'],
  audit_too_large: [503, 'The audit is too large to be made beside a sale.'],
  log_unreadable: [500, 'The log cannot be read from its beginning to its end.'],
  internal_error: [500, 'Something went wrong here; it has been logged.'],
};

const sale: Readonly<Record<SaleRefusalCode, Entry>> = {
  sale_not_open: [409, 'The sale is not open yet.'],
  sale_closed: [409, 'The sale is closed.'],
  sale_already_started: [409, 'The sale was started with other terms.'],
  unknown_category: [422, 'The program has no such ticket category.'],
  unknown_seat: [422, 'The program has no such seat.'],
  seat_repeated: [422, 'A seat is named twice.'],
  ticket_count_mismatch: [422, 'There must be one ticket user for each ticket.'],
  ticket_user_repeated: [422, 'A ticket user is named twice.'],
  price_changed: [409, 'The price is not the one expected.'],
  limit_per_order: [422, 'The order has more tickets than one order may have.'],
  limit_per_buyer: [409, 'The buyer would have more tickets than the program allows.'],
  id_document_already_used: [409, 'There is a ticket of this program for one of these id documents.'],
  sold_out: [409, 'There are not enough tickets left.'],
  seats_unavailable: [409, 'A seat is taken.'],
  not_together: [409, 'There are no seats side by side.'],
  duplicate_order_number: [409, 'The order number is another order’s.'],
  request_id_reused: [409, 'The Idempotency-Key was used for another request.'],
  duplicate_hold_token: [409, 'The Idempotency-Key was used for another hold.'],
  hold_not_found: [404, 'There is no such hold.'],
  hold_not_yours: [404, 'There is no such hold of yours.'],
  hold_expired: [409, 'The hold has expired.'],
  hold_ended: [409, 'The hold has ended.'],
  hold_not_due: [409, 'The hold has not expired yet.'],
  order_not_found: [404, 'There is no such order.'],
  not_your_order: [404, 'There is no such order of yours.'],
  order_not_due: [409, 'The order has not expired yet.'],
  order_not_paid: [409, 'The order is not paid.'],
  order_already_paid: [409, 'The order is paid.'],
  order_expired: [409, 'The order has expired.'],
  order_cancelled: [409, 'The order was cancelled.'],
  order_refunded: [409, 'The order was refunded.'],
  unknown_ticket: [422, 'The order has no such ticket.'],
  amount_mismatch: [409, 'The amount is not what the order costs.'],
  abandoned: [409, 'The order waited in the queue for too long and was given up. Nothing was sold.'],
  unknown_ticket_user: [422, 'A ticket user is not one of the buyer’s.'],
  sale_ends_before_it_begins: [422, 'The sale would end before it begins.'],
};

const program: Readonly<Record<ProgramRefusalCode, Entry>> = {
  program_not_found: [404, 'There is no such program.'],
  program_already_published: [409, 'The program is published with another content.'],
  program_cancelled: [409, 'The program is cancelled.'],
  offer_is_fixed: [409, 'What is sold can no longer be changed: the sale is scheduled.'],
  sale_ends_before_it_begins: [422, 'The sale would end before it begins.'],
  sale_ends_in_the_past: [422, 'The sale would end in the past.'],
  sale_ends_after_the_show: [422, 'The sale would end after the show.'],
  sale_not_scheduled: [409, 'The sale is not scheduled.'],
  sale_not_due: [409, 'It is not time for that yet.'],
  sale_window_passed: [409, 'The time of the sale has passed.'],
  sale_already_open: [409, 'The sale is open.'],
  sale_already_closed: [409, 'The sale is closed.'],
};

const plan: Readonly<Record<SalePlanRefusalCode, Entry>> = {
  plan_ref_taken: [409, 'The plan is known with another content.'],
};

const payment: Readonly<Record<PaymentRefusalCode, Entry>> = {
  payment_not_found: [404, 'There is no such payment.'],
  payment_number_taken: [409, 'The payment number is another payment’s.'],
  amount_is_zero: [422, 'There is nothing to pay.'],
  capture_differs: [409, 'The charge is known with another amount.'],
  too_many_captures: [409, 'The payment has too many charges.'],
  nothing_captured: [409, 'Nothing was paid.'],
  capture_not_found: [404, 'The payment has no such charge.'],
  refund_exceeds_capture: [409, 'The refund is more than what is left of the payment.'],
  refund_id_reused: [409, 'The refund is known with another content.'],
  refund_not_found: [404, 'There is no such refund.'],
  refund_differs: [409, 'The refund is known with another amount.'],
  refund_attempt_unexpected: [409, 'The refund is at another attempt.'],
  too_many_refunds: [409, 'The payment has too many refunds.'],
};

const account: Readonly<Record<AccountRefusalCode, Entry>> = {
  ticket_user_not_found: [404, 'There is no such ticket user of yours.'],
  ticket_user_id_taken: [409, 'The ticket user is known with another content.'],
  ticket_user_removed: [409, 'The ticket user was removed.'],
  id_document_already_added: [409, 'A ticket user of yours has this id document.'],
  too_many_ticket_users: [409, 'The account has as many ticket users as it may have.'],
  too_many_ticket_users_ever: [409, 'The account has had as many ticket users as it may ever have.'],
};

const projection: Readonly<Record<ProjectionRefusalCode, Entry>> = {
  skip_differs: [409, 'Another event was skipped at this position.'],
  too_many_skips: [409, 'The projection has as many skipped events as it may have.'],
};

const person: Readonly<Record<IdNumberRefusalCode | NameRefusalCode, Entry>> = {
  id_number_empty: [422, 'The id number is empty.'],
  id_number_malformed: [422, 'The id number does not have the form of its type.'],
  id_number_of_another_type: [422, 'The id number is one of another type.'],
  id_number_region: [422, 'The id number begins with no known region.'],
  id_number_birth_date: [422, 'The id number has no possible birth date.'],
  id_number_check_digit: [422, 'The check digit of the id number is wrong.'],
  name_empty: [422, 'The name is empty.'],
  name_too_long: [422, 'The name is too long.'],
  name_malformed: [422, 'The name has characters that no name has.'],
};

export const refusals: Readonly<Record<RefusalCode, Entry>> = {
  ...api,
  ...sale,
  ...program,
  ...plan,
  ...payment,
  ...account,
  ...projection,
  ...person,
};

export type RefusalDetails = {
  /** A sentence about this case. */
  readonly detail?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the problem document, for example `left`. */
  readonly members?: Readonly<Record<string, unknown>>;
};

export type Refusal = Extract<Reply, { readonly kind: 'bytes' }>;

/** A refusal as a reply: application/problem+json, RFC 9457. */
export function refusal(code: RefusalCode, { detail, headers, members }: RefusalDetails = {}): Refusal {
  const [status, title] = refusals[code];
  const problem = { ...members, status, code, title, ...(detail !== undefined && { detail }) };
  return {
    kind: 'bytes',
    status,
    contentType: 'application/problem+json',
    bytes: JSON.stringify(problem),
    ...(headers !== undefined && { headers }),
  };
}
