/** What later commands to a program depend on, folded from its events. */
import type { DispatchSplit } from '../shared/dispatch-mode.ts';
import { unreachable } from '../shared/event.ts';
import type { ProgramDetails, ProgramEvent, ProgramOffer } from './events.ts';

export type SaleStatus = 'unscheduled' | 'scheduled' | 'open' | 'closed' | 'cancelled';

export type SaleWindow = { readonly opensAtMs: number; readonly closesAtMs: number };

export type PublishedProgram = {
  readonly kind: 'published';
  readonly details: ProgramDetails;
  readonly offer: ProgramOffer;
  readonly sale: SaleStatus;
  readonly window: SaleWindow | null;
  /** Null follows the engine's own setting. */
  readonly split: DispatchSplit | null;
};

export type ProgramState = { readonly kind: 'unpublished' } | PublishedProgram;

export const initial = (): ProgramState => ({ kind: 'unpublished' });

export function evolve(state: ProgramState, event: ProgramEvent): ProgramState {
  if (event.type === 'ProgramPublished') {
    const { details, offer } = event.data;
    return { kind: 'published', details, offer, sale: 'unscheduled', window: null, split: null };
  }
  // Nothing comes before the publication.
  return state.kind === 'unpublished' ? state : evolvePublished(state, event);
}

type LaterEvent = Exclude<ProgramEvent, { type: 'ProgramPublished' }>;

function evolvePublished(state: PublishedProgram, event: LaterEvent): PublishedProgram {
  switch (event.type) {
    case 'ProgramRevised':
      return { ...state, details: event.data.details, offer: event.data.offer };
    case 'SaleScheduled': {
      const { opensAtMs, closesAtMs } = event.data;
      return { ...state, sale: 'scheduled', window: { opensAtMs, closesAtMs } };
    }
    case 'SaleOpened':
      return { ...state, sale: 'open' };
    case 'SaleClosed':
      return { ...state, sale: 'closed' };
    case 'ProgramCancelled':
      return { ...state, sale: 'cancelled' };
    case 'DispatchModeChanged':
      return { ...state, split: event.data.split };
    default:
      return unreachable(event);
  }
}
