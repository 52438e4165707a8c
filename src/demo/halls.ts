/**
 * What the demo programs are: a large hall, a small theatre, a festival, and a club with seats and a floor.
 */
import { type ProgramDetails, programDetailsSchema } from '../domain/program/index.ts';
import { type PlanContent, planContentSchema } from '../domain/sale-plan/index.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** 19:30 in China. */
const EVENING_MS = 11.5 * 60 * MINUTE_MS;

export type DemoProgram = {
  readonly id: string;
  /** The show is on an evening after the end of the sale. */
  readonly make: (saleClosesAtMs: number) => { readonly details: ProgramDetails; readonly plan: PlanContent };
};

const eveningAfter = (ms: number, days: number): number =>
  (Math.floor(ms / DAY_MS) + days) * DAY_MS + EVENING_MS;

const RULES = {
  currency: 'CNY',
  limits: { perOrder: 6, perBuyer: 6 },
  oneTicketPerIdDocument: false,
  holdTtlMs: 5 * MINUTE_MS,
  paymentTtlMs: 15 * MINUTE_MS,
};

/** As an operator writes it; the plan's schema checks it. */
type Category = Readonly<Record<string, unknown>> & { readonly name: object };

const planOf = (categories: readonly Category[], change: object = {}): PlanContent =>
  planContentSchema.parse({
    ...RULES,
    ...change,
    layout: categories.map(({ name: _, ...category }) => category),
    categoryNames: categories.map(({ name }) => name),
  });

const SHANGHAI = { zh: '上海', en: 'Shanghai' };

/** The stage is at y = 0; stands to the left and the right of it have the odd and the even numbers. */
const STAND_SEATS = '39-1/2,2-40/2';
const STAND_AISLES = '21,1,20';
const stand = (name: string, x: number, y: number, rows: string) => ({
  name,
  x,
  y,
  rows: [{ rows, seats: STAND_SEATS, aislesAfter: STAND_AISLES }],
});

const gallery = (name: string, x: number) => ({
  name,
  x,
  y: 84,
  rows: [
    // The outermost seats are behind pillars.
    { rows: '1-12', seats: '1-54', aislesAfter: '18,36', blocked: '1,54' },
    { rows: '13', seats: '1-33', aislesAfter: '16' },
  ],
});

const HALL_CATEGORIES: readonly Category[] = [
  {
    kind: 'seated',
    id: 'floor',
    name: { zh: '内场', en: 'Floor' },
    priceMinor: 168_000,
    focus: { x: 0, y: 2 },
    sections: [
      { name: '内场A', x: -28, y: 0, rows: [{ rows: 'A-T', seats: '101-125' }] },
      {
        name: '内场B',
        x: 0,
        y: 0,
        rows: [
          { rows: 'A-S', seats: '201-225' },
          // The mixing desk stands in the middle of the last rows.
          { rows: 'T-V', seats: '201-225', aislesAfter: '209,216', blocked: '210-216' },
        ],
      },
      { name: '内场C', x: 28, y: 0, rows: [{ rows: 'A-T', seats: '301-325' }] },
    ],
  },
  {
    kind: 'seated',
    id: 'lower-stand',
    name: { zh: '一层看台', en: 'Lower stand' },
    priceMinor: 98_000,
    focus: { x: 0, y: 24 },
    sections: [
      stand('一层东', -50, 24, '1-24'),
      {
        name: '一层中',
        x: 0,
        y: 24,
        rows: [
          // Wheelchair places at the front; their companions sit beside them.
          { rows: '1', seats: '1-20', aislesAfter: '10', accessible: '1-4,17-20' },
          { rows: '2-25', seats: STAND_SEATS, aislesAfter: STAND_AISLES },
        ],
      },
      stand('一层西', 50, 24, '1-24'),
    ],
  },
  {
    kind: 'seated',
    id: 'upper-stand',
    name: { zh: '二层看台', en: 'Upper stand' },
    priceMinor: 58_000,
    focus: { x: 0, y: 52 },
    sections: [
      stand('二层东', -55, 52, '01-30'),
      stand('二层中', 0, 52, '01-30'),
      stand('二层西', 55, 52, '01-30'),
    ],
  },
  {
    kind: 'seated',
    id: 'gallery',
    name: { zh: '三层看台', en: 'Gallery' },
    priceMinor: 28_000,
    focus: { x: 0, y: 84 },
    sections: [gallery('三层东', -62), gallery('三层中', 0), gallery('三层西', 62)],
  },
];

/** 10,000 seats to sell. */
export const demoHall: DemoProgram = {
  id: 'demo-hall',
  make: (saleClosesAtMs) => ({
    details: programDetailsSchema.parse({
      title: { zh: '星海巡回演唱会·上海站', en: 'Sea of Stars Tour: Shanghai' },
      city: SHANGHAI,
      venue: { zh: '星海体育馆', en: 'Starsea Arena' },
      genre: 'concert',
      showsAtMs: eveningAfter(saleClosesAtMs, 2),
      description: {
        zh: '一万个座位的演唱会：内场、三层看台、无障碍座位。',
        en: 'A concert for ten thousand: a floor, three stands, accessible seats.',
      },
    }),
    plan: planOf(HALL_CATEGORIES),
  }),
};

const THEATRE_CATEGORIES: readonly Category[] = [
  {
    kind: 'seated',
    id: 'stalls',
    name: { zh: '池座', en: 'Stalls' },
    priceMinor: 68_000,
    focus: { x: 0, y: 4 },
    sections: [
      {
        name: '池座',
        rows: [
          { rows: '1', seats: '1-14' },
          { rows: '2', seats: '1-16' },
          { rows: '3-4', seats: '1-18', aislesAfter: '9' },
          { rows: '5-8', seats: '1-22', aislesAfter: '4,18' },
          { rows: '9', seats: '1-20', aislesAfter: '3,17', accessible: '1-3,18-20' },
          { rows: '10', seats: '2-24/2', aislesAfter: '8,18' },
        ],
      },
    ],
  },
  {
    kind: 'seated',
    id: 'circle',
    name: { zh: '楼座', en: 'Circle' },
    priceMinor: 38_000,
    focus: { x: 0, y: 13 },
    sections: [
      {
        name: '楼座',
        y: 13,
        rows: [
          { rows: 'A', seats: '1-26', aislesAfter: '6,20', blocked: '13,14' },
          { rows: 'B', seats: '1-24', aislesAfter: '6,18' },
          { rows: 'C', seats: '1-19', aislesAfter: '6,13' },
        ],
      },
    ],
  },
  {
    kind: 'seated',
    id: 'boxes',
    name: { zh: '包厢', en: 'Boxes' },
    priceMinor: 88_000,
    sections: [
      { name: '左包厢', x: -14, y: 5, rows: [{ rows: 'L1,L2,L3', seats: '1-4' }] },
      { name: '右包厢', x: 14, y: 5, rows: [{ rows: 'R1,R2,R3', seats: '1-4' }] },
    ],
  },
];

/** Rows of unequal length, two boxes, a balcony. */
export const demoTheatre: DemoProgram = {
  id: 'demo-theatre',
  make: (saleClosesAtMs) => ({
    details: programDetailsSchema.parse({
      title: { zh: '话剧《茶与海》', en: 'Tea and the Sea (a play)' },
      city: { zh: '北京', en: 'Beijing' },
      venue: { zh: '南巷小剧场', en: 'South Lane Theatre' },
      genre: 'theatre',
      showsAtMs: eveningAfter(saleClosesAtMs, 4),
      description: { zh: '三幕话剧，约两小时。', en: 'A play in three acts, about two hours.' },
    }),
    plan: planOf(THEATRE_CATEGORIES, { limits: { perOrder: 4, perBuyer: 8 } }),
  }),
};

/** Nobody has a seat. */
export const demoFestival: DemoProgram = {
  id: 'demo-festival',
  make: (saleClosesAtMs) => ({
    details: programDetailsSchema.parse({
      title: { zh: '麦田音乐节', en: 'Wheat Field Festival' },
      city: { zh: '成都', en: 'Chengdu' },
      venue: { zh: '锦江草坪', en: 'Jinjiang Lawn' },
      genre: 'festival',
      showsAtMs: eveningAfter(saleClosesAtMs, 7),
      description: { zh: '露天，风雨无阻。', en: 'In the open, whatever the weather.' },
    }),
    plan: planOf([
      {
        kind: 'general',
        id: 'day',
        name: { zh: '单日票', en: 'Day ticket' },
        priceMinor: 32_000,
        capacity: 20_000,
      },
      {
        kind: 'general',
        id: 'front',
        name: { zh: '前区', en: 'Front area' },
        priceMinor: 58_000,
        capacity: 3_000,
      },
      {
        kind: 'general',
        id: 'camping',
        name: { zh: '露营', en: 'Camping' },
        priceMinor: 48_000,
        capacity: 500,
      },
    ]),
  }),
};

/** Seats and a floor, one ticket for each id document. */
export const demoMixed: DemoProgram = {
  id: 'demo-club',
  make: (saleClosesAtMs) => ({
    details: programDetailsSchema.parse({
      title: { zh: '深夜爵士现场', en: 'Late Night Jazz Live' },
      city: { zh: '杭州', en: 'Hangzhou' },
      venue: { zh: '湖边现场', en: 'Lakeside Live House' },
      genre: 'jazz',
      showsAtMs: eveningAfter(saleClosesAtMs, 3),
      description: {
        zh: '实名入场，每个证件限购一张。',
        en: 'Tickets carry names; one ticket for each id document.',
      },
    }),
    plan: planOf(
      [
        {
          kind: 'seated',
          id: 'balcony',
          name: { zh: '二楼座位', en: 'Balcony seats' },
          priceMinor: 42_000,
          focus: { x: 0, y: 0 },
          sections: [
            {
              name: '二楼',
              rows: [
                { rows: '1-2', seats: '1-16', aislesAfter: '8' },
                { rows: '3', seats: '1-12', accessible: '1,12' },
              ],
            },
          ],
        },
        {
          kind: 'general',
          id: 'floor',
          name: { zh: '一楼站席', en: 'Floor, standing' },
          priceMinor: 22_000,
          capacity: 400,
        },
      ],
      { oneTicketPerIdDocument: true, limits: { perOrder: 4, perBuyer: 4 } },
    ),
  }),
};
