/** A show that is published, scheduled and sold, told in events. */
import {
  type ProgramEvent,
  programDetailsSchema,
  programOfferSchema,
} from '../../../src/domain/program/index.ts';
import { programIdSchema } from '../../../src/domain/shared/ids.ts';

const HOUR_MS = 3_600_000;

export const programId = programIdSchema.parse('p-1');
export const publishedAtMs = Date.UTC(2026, 0, 1);
export const opensAtMs = Date.UTC(2026, 1, 1, 12);
export const closesAtMs = opensAtMs + 24 * HOUR_MS;
export const showsAtMs = closesAtMs + 24 * HOUR_MS;

export const details = programDetailsSchema.parse({
  title: { zh: '春天的第一场雨', en: 'First Rain of Spring' },
  city: { zh: '上海', en: 'Shanghai' },
  venue: { zh: '梅赛德斯-奔驰文化中心' },
  genre: 'concert',
  showsAtMs,
  cover: '/covers/first-rain.png',
});

export const offer = programOfferSchema.parse({
  currency: 'CNY',
  layoutRef: 'hall-10000',
  ticketCategories: [
    { categoryId: 'stalls', name: { zh: '内场' }, priceMinor: 128_000, kind: 'seated', capacity: 8_000 },
    { categoryId: 'lawn', name: { en: 'Lawn' }, priceMinor: 38_000, kind: 'general', capacity: 2_000 },
  ],
});

export const published: ProgramEvent = {
  type: 'ProgramPublished',
  data: { programId, details, offer, publishedAtMs },
};
export const scheduled: ProgramEvent = { type: 'SaleScheduled', data: { programId, opensAtMs, closesAtMs } };
export const opened: ProgramEvent = { type: 'SaleOpened', data: { programId, openedAtMs: opensAtMs } };
export const closed: ProgramEvent = {
  type: 'SaleClosed',
  data: { programId, closedAtMs: closesAtMs, reason: 'schedule' },
};
export const cancelled: ProgramEvent = {
  type: 'ProgramCancelled',
  data: { programId, cancelledAtMs: opensAtMs, reason: 'storm' },
};
