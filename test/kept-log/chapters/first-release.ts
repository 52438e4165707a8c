/**
 * What the first release could say: two programs, one sold and one cancelled, with everything that an order, a
 * hold, a payment and a ticket user can come to.
 */
import { programDetailsSchema } from '../../../src/domain/program/index.ts';
import type { PlaceOrder } from '../../../src/domain/sale/index.ts';
import { offerOf, type SalePlanned, termsOf } from '../../../src/domain/sale-plan/index.ts';
import {
  holdTokenSchema,
  idDocumentHashSchema,
  type OrderNumber,
  type ProgramId,
  ticketUserIdSchema,
  type UserId,
} from '../../../src/domain/shared/ids.ts';
import { amountMinorSchema } from '../../../src/domain/shared/money.ts';
import {
  ciphertextSchema,
  type IdType,
  personKeyIdSchema,
} from '../../../src/domain/shared/personal-data.ts';
import type { Teller } from '../teller.ts';
import { type Voices, voicesOf } from '../voices.ts';
import { tellMoney } from './first-release-money.ts';
import {
  ANN,
  BEN,
  CAI,
  MINUTE_MS,
  orderOf,
  plan,
  SECOND_MS,
  STANDING,
  STANDING_MINOR,
  STORM,
  SWAN_LAKE,
  type Telling,
} from './swan-lake.ts';

const DAY_MS = 86_400_000;

export function tellFirstRelease(teller: Teller): void {
  const telling = { ...teller, voices: voicesOf(teller) };
  tellPeople(telling);
  tellPrograms(telling);
  tellHolds(telling);
  tellQueue(telling);
  tellMoney(telling);
  tellEnds(telling);
}

function tellPeople({ voices, digest, nowMs }: Telling): void {
  const sealed = (text: string) => ciphertextSchema.parse(`pd1.${digest(text)}${digest(`${text} again`)}`);
  const add = (user: UserId, nth: number, idType: IdType) => {
    const ticketUser = ticketUserIdSchema.parse(`person-${nth}`);
    const personKey = personKeyIdSchema.parse(`key-${nth}`);
    const idDocument = idDocumentHashSchema.parse(digest(`document ${nth}`));
    const personal = {
      name: sealed(`name ${nth}`),
      idNumber: sealed(`number ${nth}`),
      personKey,
      idDocument,
    };
    voices.account({ type: 'AddTicketUser', user, ticketUser, nowMs: nowMs(), idType, ...personal });
    return ticketUser;
  };
  add(ANN, 1, 1);
  add(ANN, 2, 5);
  const removed = add(ANN, 3, 2);
  add(BEN, 4, 3);
  const erased = add(BEN, 5, 4);
  add(CAI, 6, 6);
  voices.account({ type: 'RemoveTicketUser', user: ANN, ticketUser: removed, nowMs: nowMs() });
  voices.account({ type: 'ErasePerson', user: BEN, ticketUser: erased, nowMs: nowMs() });
}

function tellPrograms({ voices, nowMs }: Telling): void {
  const details = programDetailsSchema.parse({
    title: { zh: '天鹅湖', en: 'Swan Lake' },
    city: { zh: '上海', en: 'Shanghai' },
    venue: { zh: '上海大剧院' },
    genre: 'ballet',
    showsAtMs: nowMs() + 30 * DAY_MS,
  });
  const published = (programId: ProgramId) => ({ programId, details, offer: offerOf(plan), nowMs: nowMs() });
  voices.plan(plan);
  voices.program({ type: 'PublishProgram', ...published(SWAN_LAKE) });
  const description = { zh: '四幕舞剧', en: 'A ballet in four acts' };
  const revised = { ...details, description, cover: '/covers/swan-lake.png' };
  voices.program({ type: 'ReviseProgram', ...published(SWAN_LAKE), details: revised });
  voices.program({ type: 'PublishProgram', ...published(STORM) });
  for (const programId of [SWAN_LAKE, STORM]) schedule(voices, plan, programId, nowMs());
  const [opensAtMs, closesAtMs] = [nowMs() + MINUTE_MS, nowMs() + 2 * DAY_MS];
  voices.program({
    type: 'ScheduleSale',
    programId: SWAN_LAKE,
    nowMs: nowMs(),
    opensAtMs: nowMs() - MINUTE_MS,
    closesAtMs: nowMs() + 4 * DAY_MS,
  });
  voices.sale(SWAN_LAKE, { type: 'RescheduleSale', opensAtMs: opensAtMs - 2 * MINUTE_MS, closesAtMs });
  for (const programId of [SWAN_LAKE, STORM]) {
    voices.program({ type: 'OpenSale', programId, nowMs: nowMs() + MINUTE_MS });
  }
  const split = [{ mode: 'v3', weight: 9 } as const, { mode: 'v4', weight: 1 } as const];
  voices.program({ type: 'ChangeDispatchMode', programId: SWAN_LAKE, nowMs: nowMs(), split });
  voices.program({ type: 'ChangeDispatchMode', programId: SWAN_LAKE, nowMs: nowMs(), split: null });
}

function schedule(voices: Voices, planned: SalePlanned, programId: ProgramId, nowMs: number): void {
  const hours = { opensAtMs: nowMs, closesAtMs: nowMs + 3 * DAY_MS };
  voices.program({ type: 'ScheduleSale', programId, nowMs, ...hours });
  voices.sale(programId, { type: 'StartSale', terms: termsOf(planned, programId, hours) });
}

function tellHolds(telling: Telling): void {
  const { voices, nowMs, wait } = telling;
  wait(2 * MINUTE_MS);
  const hold = (token: string, buyer: UserId, seats: readonly number[]) => {
    const holdToken = holdTokenSchema.parse(token);
    const want = { by: 'seats', seats } as const;
    voices.sale(SWAN_LAKE, { type: 'HoldSeats', nowMs: nowMs(), holdToken, buyer, want }, buyer);
    return holdToken;
  };
  const released = hold('hold-released', ANN, [0, 1]);
  const expired = hold('hold-expired', BEN, [2]);
  voices.sale(SWAN_LAKE, { type: 'ReleaseHold', holdToken: released, buyer: ANN }, ANN);
  wait(3 * MINUTE_MS);
  voices.sale(SWAN_LAKE, { type: 'ExpireHold', nowMs: nowMs(), holdToken: expired }, 'expiry');
  const ordered = hold('hold-ordered', ANN, [6, 7]);
  const order = orderOf(telling, ANN, { by: 'hold', holdToken: ordered }, [1, 2]);
  voices.sale(SWAN_LAKE, order, ANN);
  voices.sale(SWAN_LAKE, { type: 'CancelOrder', orderNumber: order.orderNumber, buyer: ANN }, ANN);
}

/** Placed, asked for again, sold out, and left behind. */
function tellQueue(telling: Telling): void {
  const { voices, nowMs, wait } = telling;
  const waiting = { by: 'category', category: STANDING, count: 2 } as const;
  const queued = (order: PlaceOrder) => {
    const { type: _, nowMs: __, ...asked } = order;
    const deadlineMs = nowMs() + 5 * SECOND_MS;
    return voices.queue({ ...asked, programId: SWAN_LAKE, deadlineMs });
  };
  const decide = (order: PlaceOrder) => {
    const queue = queued(order);
    voices.sale(SWAN_LAKE, { ...order, nowMs: nowMs(), queue }, 'sequencer');
    return order.orderNumber;
  };
  const first = orderOf(telling, BEN, waiting, [21, 22]);
  const paid: OrderNumber = decide(first);
  decide({ ...first, orderNumber: telling.orderNumber(BEN) });
  decide(orderOf(telling, CAI, { ...waiting, count: 4 }, [23, 24, 25, 26]));
  const late = orderOf(telling, CAI, { ...waiting, allowSplit: false }, [27, 28]);
  const queue = queued({ ...late, expectedAmountMinor: amountMinorSchema.parse(2 * STANDING_MINOR) });
  wait(MINUTE_MS);
  const { orderNumber, buyer } = late;
  voices.sale(SWAN_LAKE, { type: 'RejectOrder', orderNumber, buyer, code: 'abandoned', queue }, 'sequencer');
  voices.sale(SWAN_LAKE, { type: 'CancelOrder', orderNumber: paid, buyer: BEN }, BEN);
}

function tellEnds({ voices, nowMs, wait }: Telling): void {
  const cancelledAtMs = nowMs();
  const reason = 'A storm is on its way.';
  voices.program({ type: 'CancelProgram', programId: STORM, nowMs: cancelledAtMs, reason });
  voices.sale(STORM, { type: 'EndSale', nowMs: cancelledAtMs });
  wait(4 * DAY_MS);
  voices.program({ type: 'CloseSale', programId: SWAN_LAKE, nowMs: nowMs(), reason: 'schedule' });
}
