/**
 * A program of the rush's own: a hall, limits that fit the parties, and unpaid orders that end within the
 * run.
 */
import type { Party } from './crowd.ts';
import { hallOf } from './hall.ts';

const SECOND_MS = 1_000;
const DAY_MS = 86_400 * SECOND_MS;
const HOLD_TTL_MS = 15 * SECOND_MS;

export type ProgramOptions = {
  readonly programId: string;
  readonly title: string;
  readonly seats: number;
  readonly party: Party;
  readonly paymentTtlMs: number;
  readonly nowMs: number;
};

/** What `POST /programs` takes. The sale has begun already. */
export function programOf(options: ProgramOptions) {
  const { programId, title, seats, party, paymentTtlMs, nowMs } = options;
  return {
    programId,
    details: {
      title: { en: title, zh: '抢票压测' },
      city: { en: 'Shanghai', zh: '上海' },
      venue: { en: `Hall of ${seats} seats`, zh: `${seats} 座剧场` },
      genre: 'concert',
      showsAtMs: nowMs + 30 * DAY_MS,
    },
    plan: {
      currency: 'CNY',
      categories: hallOf(seats),
      limits: { perOrder: party.to, perBuyer: party.to },
      oneTicketPerIdDocument: true,
      holdTtlMs: HOLD_TTL_MS,
      paymentTtlMs,
    },
    sale: { opensAtMs: nowMs, closesAtMs: nowMs + DAY_MS },
  };
}
