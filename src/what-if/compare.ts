/**
 * A recorded sale beside two replays of it: one under its own settings, which must come to the same events or nothing
 * here can be believed, and one under others.
 */
import { isDeepStrictEqual } from 'node:util';
import { type SaleEvent, saleDecider } from '../domain/sale/index.ts';
import { demandOf, type Known } from './demand.ts';
import { createTally, type Figures } from './figures.ts';
import { MODEL } from './model.ts';
import type { RecordedSale } from './recorded-sale.ts';
import { replay } from './replay.ts';
import { type Settings, settingsOf, type WhatIf } from './settings.ts';

export type Comparison = {
  readonly programId: string;
  readonly currency: string;
  /** Events of the sale's stream. */
  readonly events: number;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly settings: { readonly recorded: Settings; readonly whatIf: Settings };
  readonly known: Known;
  /** Whether the replay under the recorded settings came to the recorded events, one by one. */
  readonly isFaithful: boolean;
  readonly firstDifference: FirstDifference | null;
  /** Orders that were refused then and placed under the other settings. */
  readonly newcomers: number;
  readonly recorded: Figures;
  readonly baseline: Figures;
  readonly whatIf: Figures;
  readonly model: readonly string[];
};

/** The first revision at which record and baseline part; null where one of them has no event. */
export type FirstDifference = {
  readonly revision: number;
  readonly recorded: string | null;
  readonly baseline: string | null;
};

/** Pure: the same recording and settings give the same answer. */
export function compare(sale: RecordedSale, changes: WhatIf): Comparison {
  const demand = demandOf(sale);
  const { terms, known, untilMs } = demand;
  const recordedSettings = settingsOf(terms);
  const whatIfSettings = { ...recordedSettings, ...changes };
  const baseline = replay(demand, recordedSettings);
  const whatIf = replay(demand, whatIfSettings);
  const firstDifference = differenceOf(sale, baseline.events);
  return {
    programId: sale.programId,
    currency: terms.currency,
    events: sale.events.length,
    fromMs: sale.events[0]?.recordedAtMs ?? untilMs,
    untilMs,
    settings: { recorded: recordedSettings, whatIf: whatIfSettings },
    known,
    isFaithful: firstDifference === null,
    firstDifference,
    newcomers: whatIf.newcomers,
    recorded: figuresOf(sale),
    baseline: baseline.figures,
    whatIf: whatIf.figures,
    model: MODEL,
  };
}

function figuresOf({ events }: RecordedSale): Figures {
  const tally = createTally();
  let state = saleDecider.initial();
  for (const { event } of events) {
    state = saleDecider.evolve(state, event);
    tally.happened(event);
  }
  return tally.figures(state);
}

function differenceOf({ events }: RecordedSale, baseline: readonly SaleEvent[]): FirstDifference | null {
  for (let revision = 0; revision < Math.max(events.length, baseline.length); revision += 1) {
    const [recorded, replayed] = [events[revision]?.event, baseline[revision]];
    if (isDeepStrictEqual(recorded, replayed)) continue;
    return { revision, recorded: recorded?.type ?? null, baseline: replayed?.type ?? null };
  }
  return null;
}
