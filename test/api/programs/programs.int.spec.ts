/** What operators publish is what visitors see: over HTTP, through the log, out of the read models. */
import { beforeAll, describe, expect, it } from 'vitest';
import { planContent } from '../../support/selling.ts';
import { until } from '../../support/until.ts';
import { type Answered, ask } from '../client.ts';
import { bearer } from '../lanes.ts';
import { useHouse } from './house.ts';

const house = useHouse();
const DAY_MS = 86_400_000;
let operator: { authorization: string };

beforeAll(async () => {
  operator = await bearer('olga', ['operator']);
});

const send = (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = operator,
): Promise<Answered> =>
  ask(house.port, {
    method,
    path,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const get = (path: string, headers: Record<string, string> = {}) => ask(house.port, { path, headers });

const { layout, categoryNames, ...rules } = planContent();
const plan = {
  ...rules,
  categories: layout.map((category, index) => ({ ...category, name: categoryNames[index] })),
};
const details = {
  title: { zh: '胡桃夹子', en: 'The Nutcracker' },
  city: { zh: '上海', en: 'Shanghai' },
  venue: { zh: '大剧院' },
  genre: 'ballet',
  showsAtMs: Date.now() + 3 * DAY_MS,
};
const openNow = () => ({ opensAtMs: Date.now() - 1_000, closesAtMs: Date.now() + DAY_MS });

async function publish(body: object = {}): Promise<string> {
  const answer = await send('POST', '/programs', { details, plan, ...body });
  expect(answer.status).toBe(201);
  const programId = String(answer.json()['programId']);
  await until('it is shown', async () => (await get(`/programs/${programId}`)).status === 200);
  return programId;
}
const shows = async (programId: string, status: string): Promise<void> =>
  until(`it is ${status}`, async () => {
    const program = await get(`/programs/${programId}`);
    return program.json()['saleStatus'] === status;
  });

describe('a program', () => {
  it('is found by words in either language, with its stock and its rules', async () => {
    const programId = await publish({ sale: openNow() });
    for (const words of ['胡桃', 'nutcracker shanghai']) {
      const found = (await get(`/programs?words=${encodeURIComponent(words)}&limit=100`)).json();
      expect(JSON.stringify(found['programs'])).toContain(programId);
    }
    expect((await get('/programs/facets')).json()).toMatchObject({
      genres: expect.arrayContaining([{ genre: 'ballet', count: expect.any(Number) }]),
    });
    await shows(programId, 'open');
    expect((await get(`/programs/${programId}`)).json()).toMatchObject({
      programId,
      title: details.title,
      ticketCategories: [
        { categoryId: 'stalls', kind: 'seated', capacity: 8, name: { zh: '池座', en: 'Stalls' } },
        { categoryId: 'standing', kind: 'general', capacity: 30 },
      ],
      stock: [
        { categoryId: 'stalls', capacity: 8, held: 0, sold: 0, free: 8 },
        { categoryId: 'standing', capacity: 30, held: 0, sold: 0, free: 30 },
      ],
      limits: { perOrder: 4, perBuyer: 6 },
      oneTicketPerIdDocument: false,
      holdTtlMs: 60_000,
      paymentTtlMs: 600_000,
    });
  });

  it('is published under the id it was given, once', async () => {
    const programId = `nutcracker-${Date.now()}`;
    const first = await send('POST', '/programs', { programId, details, plan });
    expect(first.headers['location']).toBe(`/programs/${programId}`);
    expect(first.json()).toEqual({ programId, saleStatus: 'unscheduled' });
    expect((await send('POST', '/programs', { programId, details, plan })).status).toBe(201);
    const other = { ...details, genre: 'opera' };
    const refused = await send('POST', '/programs', { programId, details: other, plan });
    expect([refused.status, refused.json()['code']]).toEqual([409, 'program_already_published']);
  });

  it('is for operators to publish, and for nobody else', async () => {
    const buyer = await bearer('ann');
    expect((await send('POST', '/programs', { details, plan }, buyer)).status).toBe(403);
    expect((await ask(house.port, { method: 'POST', path: '/programs' })).status).toBe(401);
    const statistics = await send('GET', '/programs/x/statistics', undefined, buyer);
    expect(statistics.status).toBe(403);
  });

  it('goes through its life: revised, scheduled, opened, dispatched, closed, cancelled', async () => {
    const programId = await publish();
    const at = `/programs/${programId}`;
    const revised = { details: { ...details, genre: 'opera' }, plan };
    expect((await send('PUT', at, revised)).status).toBe(200);
    const early = await send('POST', `${at}/open`);
    expect(early.json()['code']).toBe('sale_not_scheduled');
    expect((await send('POST', `${at}/schedule`, openNow())).json()).toMatchObject({
      saleStatus: 'scheduled',
    });
    expect((await send('POST', `${at}/open`)).json()).toEqual({ programId, saleStatus: 'open' });
    const split = [{ mode: 'v3', weight: 1 }];
    expect((await send('PUT', `${at}/dispatch`, { split })).json()).toEqual({ programId, split });
    expect((await send('PUT', `${at}/dispatch`, { split: [] })).status).toBe(422);
    expect((await send('POST', `${at}/close`)).json()).toEqual({ programId, saleStatus: 'closed' });
    await shows(programId, 'closed');
    expect((await send('POST', `${at}/cancel`, { reason: 'storm' })).status).toBe(200);
    await shows(programId, 'cancelled');
    expect((await get(at)).json()).toMatchObject({
      cancelReason: 'storm',
      genre: 'opera',
      dispatchSplit: split,
    });
  });

  it('is asked for in pages, by cursors that were given out', async () => {
    await publish();
    await publish();
    const first = (await get('/programs?limit=1&sort=price')).json();
    expect(first['programs']).toHaveLength(1);
    const next = await get(`/programs?limit=1&sort=price&after=${first['next']}`);
    expect(next.json()['programs']).not.toEqual(first['programs']);
    expect((await get('/programs?after=xyz')).json()['code']).toBe('cursor_invalid');
    const forged = Buffer.from(JSON.stringify(['programs/date/asc', 5, 'a\0b'])).toString('base64url');
    expect((await get(`/programs?after=${forged}`)).json()['code']).toBe('cursor_invalid');
  });

  it.each(['limit=0', 'limit=101', 'sort=name', 'city=%00', 'words=a%00', 'showsFromMs=-1', 'page=2'])(
    'is not searched for by %s',
    async (query) => {
      expect((await get(`/programs?${query}`)).status).toBe(422);
    },
  );

  it('that nobody published is not there', async () => {
    for (const path of ['/programs/none', '/programs/none/layout', '/programs/none/seats/stalls']) {
      const answer = await get(path);
      expect([answer.status, answer.json()['code']]).toEqual([404, 'program_not_found']);
    }
    const statistics = await send('GET', '/programs/none/statistics');
    expect(statistics.json()['code']).toBe('program_not_found');
    expect((await send('POST', '/programs/none/schedule', openNow())).status).toBe(404);
  });
});

describe('an operator’s mistake', () => {
  const errorsOf = async (body: unknown) => {
    const answer = await send('POST', '/programs', body);
    expect([answer.status, answer.json()['code']]).toEqual([422, 'invalid_request']);
    return answer.json()['errors'];
  };
  const [stalls, standing] = plan.categories;
  const withRows = (rows: object[]) => ({
    details,
    plan: { ...plan, categories: [{ ...stalls, sections: [{ name: 'Stalls', rows }] }, standing] },
  });

  it('in a row is answered with the row and the layout’s own sentence', async () => {
    expect(
      await errorsOf(
        withRows([
          { rows: 'A', seats: '1-5' },
          { rows: 'B', seats: '1-5,3' },
        ]),
      ),
    ).toEqual([{ path: 'body.plan.categories.0.sections.0.rows.1.seats', message: '"3" is there twice' }]);
    expect(await errorsOf(withRows([{ rows: 'A', seats: '1-5', blocked: '6' }]))).toEqual([
      {
        path: 'body.plan.categories.0.sections.0.rows.0',
        message: 'blocked names "6", which is no seat of the row',
      },
    ]);
  });

  it('in the hall as a whole is answered too', async () => {
    expect(await errorsOf({ details, plan: { ...plan, categories: [standing, standing] } })).toEqual([
      { path: 'body.plan.categories', message: 'category "standing" is there twice' },
    ]);
    expect(await errorsOf(withRows([{ rows: 'A', seats: '1-2', blocked: '1,2' }]))).toEqual([
      { path: 'body.plan.categories.0', message: 'the category has no seat to sell' },
    ]);
  });

  it('in a price, which nobody could ever pay, is answered too', async () => {
    const free = { ...plan, categories: [stalls, { ...standing, priceMinor: 0 }] };
    expect(await errorsOf({ details, plan: free })).toEqual([
      {
        path: 'body.plan.categories.1.priceMinor',
        message: 'a ticket costs something: an order of 0 cannot be paid',
      },
    ]);
  });

  it('that stands for millions of seats is answered as fast as any other', async () => {
    const rows = Array.from({ length: 2_000 }, () => ({ rows: '1-5000', seats: '1-5000' }));
    expect(await errorsOf(withRows(rows))).toEqual([
      {
        path: 'body.plan.categories',
        message: 'the hall has 50000000000 seats, 200000 are possible',
      },
    ]);
    const blocked = Array.from({ length: 500 }, () => ({ rows: 'A', seats: '1', blocked: '1-5000' }));
    expect(await errorsOf(withRows(blocked))).toEqual([
      {
        path: 'body.plan.categories',
        message: 'the layout names 2501000 rows and seats; join equal rows',
      },
    ]);
  });

  it('in a text that nothing can keep is refused before anything is kept', async () => {
    expect(await errorsOf({ details: { ...details, title: { zh: 'a\0' } }, plan })).toMatchObject([
      { path: 'body.details.title.zh' },
    ]);
    const text = JSON.stringify({ details, plan }).replace('胡桃夹子', '\\ud800');
    const answer = await ask(house.port, {
      method: 'POST',
      path: '/programs',
      headers: { ...operator, 'content-type': 'application/json' },
      body: text,
    });
    expect(answer.status).toBe(422);
  });

  it('of more than a mebibyte is not read', async () => {
    const description = { en: 'x'.repeat(1_048_576) };
    const answer = await send('POST', '/programs', { details: { ...details, description }, plan });
    expect(answer.status).toBe(413);
  });
});

describe('a hall', () => {
  it('is drawn from its rows, and not sent again to who has it', async () => {
    const programId = await publish();
    const first = await get(`/programs/${programId}/layout`);
    expect(first.json()).toEqual({
      currency: 'CNY',
      categories: [
        {
          ...{ id: 'stalls', kind: 'seated', priceMinor: 500, name: { zh: '池座', en: 'Stalls' } },
          ...{ capacity: 8, firstSeat: 0, seatCount: 10 },
          sections: [
            {
              name: 'Stalls',
              rows: ['A', 'B'].map((label, y) => ({
                ...{ label, firstSeat: 5 * y, seats: ['1', '2', '3', '4', '5'], kinds: 'boooa' },
                ...{ x: -2, y },
              })),
            },
          ],
        },
        {
          ...{ id: 'standing', kind: 'general', priceMinor: 200, name: { zh: '站席' } },
          ...{ capacity: 30, firstSeat: null, seatCount: 0 },
        },
      ],
    });
    const etag = String(first.headers.etag);
    const again = await get(`/programs/${programId}/layout`, { 'if-none-match': `"x", W/${etag}` });
    expect([again.status, again.text]).toEqual([304, '']);
    expect(again.headers.etag).toBe(etag);
    const dearer = { ...plan, currency: 'USD' };
    await send('PUT', `/programs/${programId}`, { details, plan: dearer });
    await until('the hall is another', async () => {
      const now = await get(`/programs/${programId}/layout`, { 'if-none-match': etag });
      return now.status === 200 && now.json()['currency'] === 'USD';
    });
  });

  it('has seats that are free or blocked before its sale', async () => {
    const programId = await publish();
    const answer = (await get(`/programs/${programId}/seats/stalls`)).json();
    expect(answer).toMatchObject({ firstSeat: 0, seatCount: 10, revision: null });
    const bytes = Buffer.from(String(answer['statuses']), 'base64');
    const statuses = Array.from(
      { length: 10 },
      (_, seat) => ((bytes[seat >> 2] ?? 0) >> (2 * (seat & 3))) & 3,
    );
    expect(statuses).toEqual([3, 0, 0, 0, 0, 3, 0, 0, 0, 0]);
    const standing = await get(`/programs/${programId}/seats/standing`);
    expect(standing.json()['code']).toBe('unknown_category');
  });

  it('whose seats are counted anew says when to come again', async () => {
    const programId = await publish({ sale: openNow() });
    await shows(programId, 'open');
    const answer = await get(`/programs/${programId}/seats/stalls`);
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
  });
});

describe('a buyer', () => {
  it('holds seats, which the statistics count, and gives them back', async () => {
    const programId = await publish({ sale: openNow() });
    const at = `/programs/${programId}/holds`;
    const [ann, ben] = [await bearer('ann'), await bearer('ben')];
    const held = await send('POST', at, { seats: [6, 7] }, ann);
    expect(held.status).toBe(201);
    const hold = held.json();
    expect(hold).toMatchObject({
      seats: [
        { number: 6, section: 'Stalls', row: 'B', seat: '2' },
        { number: 7, section: 'Stalls', row: 'B', seat: '3' },
      ],
      categoryIds: ['stalls', 'stalls'],
      together: 'row',
    });
    expect((await send('POST', at, { seats: [7] }, ben)).json()['code']).toBe('seats_unavailable');
    const standing = await send('POST', at, { categoryId: 'standing', count: 2 }, ben);
    expect(standing.json()).toMatchObject({ seats: [null, null], categoryIds: ['standing', 'standing'] });
    await until('the statistics have counted', async () => {
      const statistics = (await send('GET', `/programs/${programId}/statistics`)).json();
      return JSON.stringify(statistics['totals']).includes('"held":2');
    });
    const gone = await send('DELETE', `${at}/${hold['holdToken']}`, undefined, ann);
    expect([gone.status, gone.text]).toEqual([204, '']);
    expect((await send('DELETE', `${at}/${hold['holdToken']}`, undefined, ben)).status).toBe(404);
    const statistics = await send('GET', `/programs/${programId}/statistics?minutesPerPeriod=60`);
    expect(statistics.json()).toMatchObject({ course: expect.any(Array), stock: expect.any(Array) });
  });

  it('holds seats once for one Idempotency-Key, and says what became of them', async () => {
    const programId = await publish({ sale: openNow() });
    const at = `/programs/${programId}/holds`;
    const ann = { ...(await bearer('ann')), 'idempotency-key': 'picked-1' };
    const [first, again] = await Promise.all([1, 2].map(() => send('POST', at, { seats: [6, 7] }, ann)));
    expect([first?.status, again?.status]).toEqual([201, 201]);
    expect(again?.json()).toEqual(first?.json());
    const other = await send('POST', at, { seats: [8] }, ann);
    expect([other.status, other.json()['code']]).toEqual([409, 'duplicate_hold_token']);
    const ben = { ...(await bearer('ben')), 'idempotency-key': 'picked-1' };
    expect((await send('POST', at, { seats: [8] }, ben)).status).toBe(201);
    await send('DELETE', `${at}/${first?.json()['holdToken']}`, undefined, ann);
    expect((await send('POST', at, { seats: [6, 7] }, ann)).json()['code']).toBe('hold_ended');
    const misspelt = { ...ann, 'idempotency-key': 'with space' };
    const wrong = await send('POST', at, { seats: [9] }, misspelt);
    expect(wrong.json()).toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'header.idempotency-key' }],
    });
  });

  it.each([
    [{ seats: [] }, 'body.seats'],
    [{ seats: [1], count: 1 }, 'body'],
    [{ categoryId: 'stalls' }, 'body'],
    [{ seats: [1.5] }, 'body.seats.0'],
    [{ buyer: 'ben', seats: [1] }, 'body'],
  ])('does not hold %j', async (body, path) => {
    const answer = await send('POST', '/programs/any/holds', body, await bearer('ann'));
    expect([answer.status, answer.json()['errors']]).toMatchObject([422, [{ path }]]);
  });

  it('does not hold what nobody sells', async () => {
    const answer = await send('POST', '/programs/none/holds', { seats: [1] }, await bearer('ann'));
    expect([answer.status, answer.json()['code']]).toEqual([409, 'sale_not_open']);
  });

  it('keeps people whom nobody sees in clear, and takes them off again', async () => {
    const carl = await bearer(`carl-${Date.now()}`);
    const typed = { name: '王小明', idType: 1, idNumber: '11010519491231002X' };
    const added = await send('POST', '/ticket-users', typed, carl);
    const { ticketUserId } = added.json();
    const shown = { ticketUserId, name: '王*', idType: 1, idNumber: '1101**********002X' };
    expect([added.status, added.json()]).toEqual([201, shown]);
    expect((await send('GET', '/ticket-users', undefined, carl)).json()).toEqual({ ticketUsers: [shown] });
    const again = await send('POST', '/ticket-users', typed, carl);
    expect(again.json()).toMatchObject({ code: 'id_document_already_added', ticketUserId });
    const wrong = await send('POST', '/ticket-users', { ...typed, idNumber: '110105194912310021' }, carl);
    expect([wrong.status, wrong.json()['code']]).toEqual([422, 'id_number_check_digit']);
    expect(wrong.text).not.toContain('194912');
    const at = `/ticket-users/${ticketUserId}`;
    expect((await send('DELETE', at, undefined, await bearer('ben'))).status).toBe(404);
    expect((await send('DELETE', at, undefined, carl)).status).toBe(204);
    expect((await send('GET', '/ticket-users', undefined, carl)).json()).toEqual({ ticketUsers: [] });
  });
});
