/** The questions of an audit over HTTP: who may ask, what is kept of it, and what is answered. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AuditDeps, auditEndpoints } from '../../src/api/audit.ts';
import { orderAuditSchema } from '../../src/audit/answers.ts';
import { addTicketUser } from '../../src/commands/add-ticket-user.ts';
import { auditTrailStream } from '../../src/domain/audit-trail/index.ts';
import { programIdSchema, ticketUserIdSchema, userIdSchema } from '../../src/domain/shared/ids.ts';
import { personKeyIdSchema } from '../../src/domain/shared/personal-data.ts';
import { createAudit } from '../../src/engine/audit.ts';
import { createPersonKeys } from '../../src/postgres/person-keys.ts';
import { createPeople, erasePerson } from '../../src/privacy/index.ts';
import { newSale, placedOrder, sell, useWorld } from '../audit/world.ts';
import { idOf, people as peopleNumbered } from '../domain/sale/fixtures.ts';
import { masterKeys } from '../privacy/fixtures.ts';
import { because, eventsIn } from '../support/selling.ts';
import { bearer, type LaneServer, startLane } from './lanes.ts';

const there = useWorld();
const keys = masterKeys();
const OPERATOR = ['operator'];
const TRUSTED = ['operator', 'personal-data'];
let server: LaneServer | undefined;
let isLogAway = false;

beforeAll(async () => {
  const { store, db } = there.world;
  const audit = createAudit({ eventStore: store, db, masterKeys: keys, nowMs: Date.now });
  const deps: AuditDeps = {
    audit: {
      ...audit,
      record: async (...read) => {
        if (isLogAway) throw new Error('away');
        await audit.record(...read);
      },
    },
    nowMs: Date.now,
  };
  server = await startLane('express', auditEndpoints(deps));
});
afterAll(() => server?.close());

const get = async (path: string, user = `olga-${randomUUID()}`, scopes: readonly string[] = OPERATOR) => {
  const answer = await fetch(`http://127.0.0.1:${server?.port}${path}`, {
    headers: await bearer(user, scopes),
  });
  const read = await eventsIn(there.world.store, auditTrailStream(userIdSchema.parse(user), Date.now()));
  const body = (await answer.json()) as Record<string, unknown>;
  return { status: answer.status, body, headers: answer.headers, read: read.map(({ data }) => data) };
};

/** A sold order of two people with names. */
const sold = async () => {
  const { world } = there;
  const buyer = userIdSchema.parse(randomUUID());
  const personKeys = createPersonKeys(world.db);
  const people = createPeople({ masterKeys: keys, personKeys, idHashKey: { bytes: new Uint8Array(32) } });
  const deps = { account: world.streams.accounts.of, people, nowMs: Date.now };
  const names = ['王小明', 'Ann Li'];
  const personIds = names.map(() => personKeyIdSchema.parse(randomUUID()));
  const ticketUsers = peopleNumbered(1, 2).map((one, index) => ({
    ...one,
    ticketUser: ticketUserIdSchema.parse(`${buyer.slice(0, 30)}-${index}`),
  }));
  for (const [index, { ticketUser }] of ticketUsers.entries()) {
    const typed = { name: names[index] ?? '', idType: 5 as const, idNumber: `E1234567${index}` };
    const personKey = personIds[index] ?? personKeyIdSchema.parse('x');
    const added = await addTicketUser(deps, { user: buyer, ticketUser, personKey, typed }, because('add'));
    if (added.kind !== 'added') throw new Error(JSON.stringify(added));
  }
  const programId = await newSale(world);
  const story = await placedOrder(world, programId, buyer, { ticketUsers });
  await sell(world, story);
  await world.project();
  return { ...story, personIds, personKeys };
};

const peopleIn = (body: Record<string, unknown>) =>
  orderAuditSchema
    .parse(body)
    .tickets.map(({ person: { shown, name, idNumber } }) => [shown, name, idNumber]);

describe('An order', () => {
  it('is told with masked people, and the question is in the log with who asked', async () => {
    const { orderNumber } = await sold();
    const { status, body, read, headers } = await get(
      `/audit/orders/${orderNumber}?at=position:999999999999`,
    );
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toMatchObject({ orderNumber, status: 'issued', found: { by: 'index' } });
    expect(peopleIn(body)).toEqual([
      ['masked', '王*', expect.stringMatching(/^E1\*+\d\d$/)],
      ['masked', 'A*', expect.stringMatching(/^E1\*+\d\d$/)],
    ]);
    expect(read).toEqual([
      {
        ...{ question: 'order', subject: orderNumber, at: 'position:999999999999', unmasked: false },
        ...{ via: 'http', readAtMs: expect.any(Number) },
      },
    ]);
  });

  it('shows people in clear only to those who may, and who say why', async () => {
    const { orderNumber, personIds, personKeys } = await sold();
    const path = `/audit/orders/${orderNumber}?unmasked=true`;
    expect(await get(path)).toMatchObject({ status: 403, body: { code: 'forbidden' }, read: [] });
    const noReason = await get(path, undefined, TRUSTED);
    expect(noReason).toMatchObject({ status: 422, body: { code: 'reason_needed' }, read: [] });
    const clear = await get(`${path}&reason=complaint+17`, undefined, TRUSTED);
    expect(peopleIn(clear.body)).toEqual([
      ['clear', '王小明', 'E12345670'],
      ['clear', 'Ann Li', 'E12345671'],
    ]);
    expect(clear.read).toMatchObject([{ unmasked: true, reason: 'complaint 17' }]);
    expect(JSON.stringify(clear.read)).not.toContain('王');
    await erasePerson({ masterKeys: keys, personKeys }, personIds[0] ?? personKeyIdSchema.parse('x'));
    const erased = await get(`${path}&reason=complaint+17`, undefined, TRUSTED);
    expect(peopleIn(erased.body)[0]).toEqual(['erased', null, null]);
  });

  it('that never was is not found, and the question is kept all the same', async () => {
    const orderNumber = there.world.node.deps.numbers.order(idOf.user('nobody'), Date.now());
    const { status, body, read } = await get(`/audit/orders/${orderNumber}`);
    expect([status, body['code']]).toEqual([404, 'order_not_found']);
    expect(read).toHaveLength(1);
  });

  it('is not told of where the question cannot be recorded', async () => {
    const { orderNumber } = await sold();
    isLogAway = true;
    const { status, body } = await get(`/audit/orders/${orderNumber}`);
    isLogAway = false;
    expect([status, body['code']]).toEqual([503, 'unavailable']);
    expect(body).not.toHaveProperty('history');
  });
});

describe('A seat, a buyer and a program', () => {
  it('are answered, and each question is recorded', async () => {
    const { programId, buyer, orderNumber } = await sold();
    const [user, day] = [`olga-${randomUUID()}`, '?reason=monthly+check'];
    const order = await there.world.audit.order({ orderNumber, unmasked: false }, {});
    const seat = order.kind === 'order' ? order.audit.tickets[0]?.place.seat : undefined;
    const name = encodeURIComponent(`stalls/${seat?.row}/${seat?.seat}`);
    expect(await get(`/audit/programs/${programId}/seats/${name}${day}`, user)).toMatchObject({
      status: 200,
      body: { owner: { state: 'sold', buyer, orderNumber } },
    });
    expect(await get(`/audit/buyers/${buyer}${day}`, user)).toMatchObject({
      status: 200,
      body: { orders: [{ orderNumber }] },
    });
    const last = await get(`/audit/programs/${programId}${day}`, user);
    expect(last).toMatchObject({ status: 200, body: { stock: [{ sold: 2 }] } });
    expect(last.read).toMatchObject([
      {
        question: 'seat',
        subject: `${programId}/stalls/${seat?.row}/${seat?.seat}`,
        reason: 'monthly check',
      },
      { question: 'buyer', subject: buyer },
      { question: 'program', subject: programId },
    ]);
  });

  it('refuse what is not there, with codes that never change', async () => {
    const programId = await newSale(there.world);
    const nowhere = programIdSchema.parse(randomUUID());
    for (const [path, status, code] of [
      [`/audit/programs/${nowhere}`, 404, 'program_not_found'],
      [`/audit/programs/${nowhere}/seats/1-1`, 404, 'program_not_found'],
      [`/audit/programs/${programId}/seats/99-1`, 422, 'unknown_seat'],
      [`/audit/programs/${programId}?at=soon`, 422, 'moment_invalid'],
      [`/audit/programs/${programId}?at=2099-01-01`, 422, 'moment_invalid'],
      [`/audit/programs/${programId}?reason=${'x'.repeat(201)}`, 422, 'invalid_request'],
      ['/audit/orders/0', 422, 'invalid_request'],
      ['/audit/buyers/b?before=x', 422, 'invalid_request'],
    ] as const) {
      expect(await get(path), path).toMatchObject({ status, body: { code } });
    }
  });

  it('are for operators', async () => {
    for (const path of ['orders/1', 'programs/p', 'programs/p/seats/1', 'buyers/b']) {
      expect(await get(`/audit/${path}`, undefined, [])).toMatchObject({ status: 403, read: [] });
    }
  });
});
