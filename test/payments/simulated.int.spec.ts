/** The simulated provider by itself, on its own tables: what it owes, it delivers; what it took, it gives back once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OrderNumber, paymentNumberSchema, type RefundId } from '../../src/domain/shared/ids.ts';
import { readCallbackBody } from '../../src/payments/callback-body.ts';
import { createRefundRetries } from '../../src/payments/refund-retries.ts';
import { checkSignature, SIGNATURE_HEADER } from '../../src/payments/signature.ts';
import { createSimulatedProvider, type SimulatedProviderDeps } from '../../src/payments/simulated/index.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPostgres, type Postgres } from '../../src/postgres/pool.ts';
import { charge, cny, fen, orderNumber, refundId } from '../domain/payment/fixtures.ts';
import { useDatabaseUrl } from '../support/stores.ts';
import { CALLBACK_KEY } from './house.ts';

const database = useDatabaseUrl();
const HOUR_MS = 3_600_000;
let postgres: Postgres;
let nowMs = 1_700_000_000_000;
let lastPayment = 0;

beforeAll(async () => {
  postgres = openPostgres({ url: database.postgresUrl, max: 5, onError: () => undefined });
  await migrate(postgres.db);
});
afterAll(() => postgres?.close());

/** A provider with a callback address of the test's own: `statuses` are what that answers, one after the other. */
const openProvider = (change: Partial<SimulatedProviderDeps> = {}) => {
  const posted: unknown[] = [];
  const statuses: (number | Error)[] = [];
  const provider = createSimulatedProvider({
    db: postgres.db,
    key: CALLBACK_KEY,
    callbackUrl: () => 'http://engine.example/callbacks',
    payUrlOf: (chargeId) => chargeId,
    nowMs: () => nowMs,
    post: async (_url, headers, body) => {
      const verdict = checkSignature(CALLBACK_KEY, headers[SIGNATURE_HEADER], Buffer.from(body), nowMs);
      posted.push({ verdict, ...readCallbackBody(Buffer.from(body)) });
      const status = statuses.shift() ?? 200;
      if (status instanceof Error) throw status;
      return status;
    },
    ...change,
  });
  const requestCharge = async () => {
    lastPayment++;
    const paymentNumber = paymentNumberSchema.parse(String(lastPayment));
    const order: OrderNumber = orderNumber;
    const asked = {
      paymentNumber,
      orderNumber: order,
      amountMinor: fen(1_000),
      currency: cny,
      deadlineMs: nowMs,
    };
    return { ...asked, chargeId: (await provider.requestCharge(asked)).payUrl, asked };
  };
  const refundOf = (
    { paymentNumber, chargeId }: Awaited<ReturnType<typeof requestCharge>>,
    id: RefundId,
    amountMinor: number,
    attempt = 1,
  ) =>
    provider.refund({
      refundId: id,
      paymentNumber,
      providerReference: charge(chargeId),
      amountMinor: fen(amountMinor),
      currency: cny,
      attempt,
    });
  return { ...provider, again: provider.requestCharge, posted, statuses, requestCharge, refundOf };
};

describe('The simulated provider', () => {
  it('has one charge for a payment, and takes its money once', async () => {
    const provider = openProvider();
    const { chargeId, asked, paymentNumber } = await provider.requestCharge();
    expect(await provider.requestCharge().then(({ chargeId: other }) => other)).not.toBe(chargeId);
    expect((await openProvider().chargeOf(chargeId))?.paymentNumber).toBe(paymentNumber);
    expect((await openProvider().again(asked)).payUrl).toBe(chargeId);
    const answers = await Promise.all([
      provider.pay(chargeId),
      provider.pay(chargeId),
      provider.decline(chargeId),
    ]);
    expect(answers.filter(({ kind }) => kind === 'changed')).toHaveLength(1);
    await provider.deliver();
    expect(provider.posted).toHaveLength(1);
  });

  it('signs a callback anew at each try, and waits longer from try to try', async () => {
    const provider = openProvider();
    const { chargeId, paymentNumber } = await provider.requestCharge();
    provider.statuses.push(503, new Error('no connection'), 404);
    await provider.pay(chargeId);
    for (const waitMs of [0, 999, 1, 1_999, 1, 3_999, 1]) {
      nowMs += waitMs;
      await provider.deliver();
    }
    const said = { verdict: 'valid', kind: 'captured', paymentNumber, amountMinor: 1_000 };
    expect(provider.posted).toMatchObject([said, said, said, said]);
    nowMs += HOUR_MS;
    expect(await provider.deliver()).toBe(0);
  });

  it('delivers after a restart what it owed before, and shares it with other nodes', async () => {
    const before = openProvider();
    for (let count = 0; count < 20; count++) await before.pay((await before.requestCharge()).chargeId);
    const nodes = [openProvider(), openProvider(), openProvider()];
    await Promise.all(nodes.map(({ deliver }) => deliver()));
    const payments = nodes.flatMap(({ posted }) => posted as { paymentNumber: string }[]);
    expect(payments).toHaveLength(20);
    expect(new Set(payments.map(({ paymentNumber }) => paymentNumber)).size).toBe(20);
  });

  it('gives back once for each refund id, however often and at once it is asked', async () => {
    const provider = openProvider();
    const paid = await provider.requestCharge();
    await provider.pay(paid.chargeId);
    const id = refundId('once');
    const answers = await Promise.all([1, 2, 3].map(() => provider.refundOf(paid, id, 600)));
    expect(answers).toEqual([{ kind: 'accepted' }, { kind: 'accepted' }, { kind: 'accepted' }]);
    expect(await provider.refundOf(paid, refundId('too-much'), 500)).toEqual({
      kind: 'refused',
      code: 'refund_exceeds_charge',
    });
    expect(await provider.refundOf(paid, refundId('rest'), 400)).toEqual({ kind: 'accepted' });
    const unknown = await provider.refundOf({ ...paid, chargeId: 'ch_unknown' }, refundId('x'), 1);
    expect(unknown).toEqual({ kind: 'refused', code: 'charge_not_found' });
    await provider.deliver();
    expect(provider.posted).toContainEqual(
      expect.objectContaining({ kind: 'refund_completed', refundId: 'rest' }),
    );
  });

  it('can fail a refund, and completes it at a later attempt only', async () => {
    let failure: string | undefined = 'bank_away';
    const provider = openProvider({ refundFailure: () => failure });
    const paid = await provider.requestCharge();
    await provider.pay(paid.chargeId);
    const id = refundId('later');
    await provider.refundOf(paid, id, 1_000);
    failure = undefined;
    await provider.refundOf(paid, id, 1_000, 1);
    await provider.refundOf(paid, id, 1_000, 2);
    await provider.deliver();
    const told = (provider.posted as { kind: string }[]).map(({ kind }) => kind);
    expect(told.sort()).toEqual(['captured', 'refund_completed', 'refund_failed', 'refund_failed']);
  });
});

describe('Refunds to be tried again', () => {
  it('are kept once each, come when they are due, and go when they are done', async () => {
    const retries = createRefundRetries(postgres.db);
    const first = { refundId: refundId('r-1'), attempt: 2, correlationId: 'c', dueMs: 100 };
    const retry = { ...first, paymentNumber: paymentNumberSchema.parse('9223372036854775807') };
    await retries.schedule(retry);
    await retries.schedule({ ...retry, dueMs: 50 });
    await retries.schedule({ ...retry, attempt: 3, dueMs: 200 });
    expect(await retries.due(99, 10)).toEqual([]);
    expect(await retries.due(100, 10)).toEqual([retry]);
    await retries.done(retry);
    expect((await retries.due(1_000, 10)).map(({ attempt }) => attempt)).toEqual([3]);
  });
});
