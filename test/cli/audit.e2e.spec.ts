/** `seatlog audit` as a process: what it prints where, what it keeps, and what it exits with. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { orderAuditSchema, seatAuditSchema } from '../../src/audit/answers.ts';
import { auditTrailStream } from '../../src/domain/audit-trail/index.ts';
import { userIdSchema } from '../../src/domain/shared/ids.ts';
import { newBuyer, newSale, placedOrder, queuedOrder, sell, useWorld } from '../audit/world.ts';
import { idOf } from '../domain/sale/fixtures.ts';
import { runSeatlog } from '../support/engine.ts';
import { eventsIn } from '../support/selling.ts';

const there = useWorld();
const NOWHERE = 'postgres://seatlog@127.0.0.1:1/none';

/** A data folder that is not there keeps no keys. */
const NO_KEYS = { SEATLOG_DATA_DIR: '/nowhere' };

const audit = async (args: readonly string[], postgresUrl = there.urls.postgresUrl) => {
  const operator = userIdSchema.parse(`olga-${randomUUID()}`);
  const stores = ['--eventstore-url', there.urls.eventStoreUrl, '--postgres-url', postgresUrl];
  const program = runSeatlog(['audit', ...args, '--operator', operator, ...stores], NO_KEYS);
  const output = { stdout: '', stderr: '' };
  program.process.stdout?.on('data', (text: string) => {
    output.stdout += text;
  });
  program.process.stderr?.on('data', (text: string) => {
    output.stderr += text;
  });
  const { code } = await program.exited;
  const events = await eventsIn(there.world.store, auditTrailStream(operator, Date.now()));
  return { code, ...output, read: events.map(({ data }) => data) };
};

const sold = async () => {
  const { world } = there;
  const story = await placedOrder(world, await newSale(world), await newBuyer(world));
  await sell(world, story);
  await world.project();
  return story;
};

describe('seatlog audit', () => {
  it('tells an order to people and to programs, by the index and without SQL', async () => {
    const { orderNumber, programId, buyer } = await sold();
    const text = await audit(['order', orderNumber, '--reason', 'complaint 17']);
    expect(text.code).toBe(0);
    expect(text.stdout).toContain(`Order ${orderNumber}`);
    expect(text.stdout).toMatch(/Money +10.00 CNY captured = 10.00 issued \+ 0.00 refunded \+ 0.00 awaiting/);
    expect(text.stdout).toMatch(/ OrderPlaced .*2 tickets for 10.00\n +→ awaiting_payment; stalls Hall 1-/);
    expect(text.stdout).toContain('the index, checked against the log');
    expect(text.read).toMatchObject([
      { question: 'order', subject: orderNumber, via: 'cli', reason: 'complaint 17' },
    ]);
    const byIndex = await audit(['order', orderNumber, '--json']);
    const byLog = await audit(['order', orderNumber, '--json'], NOWHERE);
    expect(byLog.stderr).toMatch(
      /^Without SQL, from the log alone; people stay sealed \(.+\)\.\nLooking through/,
    );
    const [one, other] = [byIndex, byLog].map(({ stdout }) => orderAuditSchema.parse(JSON.parse(stdout)));
    expect(one?.buyer).toBe(buyer);
    expect({ ...other, found: null }).toEqual({ ...one, found: null });
    const byStreams = await audit(['order', orderNumber, '--json', '--log-only', '--program', programId]);
    expect([byStreams.stderr, JSON.parse(byStreams.stdout).found.by]).toEqual(['', 'streams']);
  });

  it('tells a seat, a buyer and a program, now and then', async () => {
    const { orderNumber, programId, buyer } = await sold();
    const order = await audit(['order', orderNumber, '--json']);
    const { tickets, history } = orderAuditSchema.parse(JSON.parse(order.stdout));
    const seat = tickets[0]?.place.seat;
    const name = `${seat?.row}-${seat?.seat}`;
    const now = await audit(['seat', programId, name]);
    expect(now.stdout).toContain(`sold to ${buyer}, order ${orderNumber}`);
    const then = await audit(['seat', programId, name, '--json', '--at', `position:${history[0]?.position}`]);
    expect(seatAuditSchema.parse(JSON.parse(then.stdout)).owner).toMatchObject({ state: 'ordered', buyer });
    expect((await audit(['buyer', buyer])).stdout).toMatch(new RegExp(`${orderNumber} .* issued `));
    const program = await audit(['program', programId, '--at', new Date().toISOString()]);
    expect(program.stdout).toMatch(/stalls +5.00 CNY +20 +0 +2 +18/);
    expect(program.read).toMatchObject([{ question: 'program', subject: programId, at: expect.any(String) }]);
  });

  it('tells a queued order of which nothing is decided', async () => {
    const { world } = there;
    const number = await queuedOrder(world, await newSale(world), await newBuyer(world));
    expect((await audit(['order', number])).stdout).toMatch(/Status +queued/);
  });

  it('exits with 1 for what is not there, and the question is kept', async () => {
    const { programId } = await sold();
    const number = there.world.node.deps.numbers.order(idOf.user('nobody'), Date.now());
    const unknown = await audit(['order', number]);
    expect(unknown).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^order_not_found: There is no such order\.\nThe index has nothing of it;/,
      ),
    });
    expect(unknown.read).toHaveLength(1);
    const seat = await audit(['seat', programId, 'Z-99', '--json']);
    expect([seat.code, JSON.parse(seat.stdout).code]).toEqual([1, 'unknown_seat']);
  });

  it.each([
    ['an order number that is none', ['order', '0'], 'a number of at most 19 digits'],
    ['a moment that is none', ['program', 'p', '--at', 'soon'], '“soon” is no moment'],
    ['people in clear without a reason', ['order', '42', '--unmasked'], '--unmasked needs a --reason'],
    ['people in clear without keys', ['order', '42', '--unmasked', '--reason', 'x'], 'no master keys'],
    ['a reason that is too long', ['buyer', 'b', '--reason', 'x'.repeat(201)], '--reason: '],
  ])('exits with 2 for %s, and asks nothing', async (_, args, sentence) => {
    const { code, stderr, read } = await audit(args);
    expect([code, read]).toEqual([2, []]);
    expect(stderr).toContain(sentence);
  });

  it('exits with 3 where the log is away: what cannot be recorded is not answered', async () => {
    const program = runSeatlog([
      'audit',
      'seat',
      'p',
      'B-12',
      '--eventstore-url',
      'esdb://127.0.0.1:1?tls=false',
    ]);
    expect((await program.exited).code).toBe(3);
    expect(program.output()).not.toContain('    at ');
  });
});
