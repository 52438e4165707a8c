/** What may be done to a program, and when: it is published, sold once in one window, and at any time cancelled. */
import type { Decision } from '../shared/decider.ts';
import type { DispatchSplit } from '../shared/dispatch-mode.ts';
import { unreachable } from '../shared/event.ts';
import type { ProgramId } from '../shared/ids.ts';
import { sameData } from '../shared/same-data.ts';
import type { CloseReason, ProgramDetails, ProgramEvent, ProgramOffer } from './events.ts';
import type { ProgramState, PublishedProgram, SaleWindow } from './state.ts';

type Catalogue = { readonly details: ProgramDetails; readonly offer: ProgramOffer };
type Common<Type> = { readonly type: Type; readonly programId: ProgramId; readonly nowMs: number };

export type PublishProgram = Common<'PublishProgram'> & Catalogue;
export type ReviseProgram = Common<'ReviseProgram'> & Catalogue;
export type ScheduleSale = Common<'ScheduleSale'> & SaleWindow;
export type OpenSale = Common<'OpenSale'>;
export type CloseSale = Common<'CloseSale'> & { readonly reason: CloseReason };
export type CancelProgram = Common<'CancelProgram'> & { readonly reason: string };
export type ChangeDispatchMode = Common<'ChangeDispatchMode'> & { readonly split: DispatchSplit | null };

export type ProgramCommand =
  | PublishProgram
  | ReviseProgram
  | ScheduleSale
  | OpenSale
  | CloseSale
  | CancelProgram
  | ChangeDispatchMode;

/** Shown to clients: never rename one. */
export const programRefusalCodes = [
  'program_not_found',
  'program_already_published',
  'program_cancelled',
  'offer_is_fixed',
  'sale_ends_before_it_begins',
  'sale_ends_in_the_past',
  'sale_ends_after_the_show',
  'sale_not_scheduled',
  'sale_not_due',
  'sale_window_passed',
  'sale_already_open',
  'sale_already_closed',
] as const;
export type ProgramRefusalCode = (typeof programRefusalCodes)[number];

export type ProgramOutcome =
  | { readonly kind: 'published' | 'revised' | 'scheduled' | 'opened' | 'closed' | 'cancelled' }
  | { readonly kind: 'dispatch_changed' }
  | { readonly kind: 'refused'; readonly code: ProgramRefusalCode };

type Deciding = Decision<ProgramEvent, ProgramOutcome>;

export function decide(command: ProgramCommand, state: ProgramState): Deciding {
  if (command.type === 'PublishProgram') return publish(command, state);
  if (state.kind === 'unpublished') return refused('program_not_found');
  if (command.type === 'CancelProgram') return cancel(command, state);
  if (state.sale === 'cancelled') return refused('program_cancelled');
  switch (command.type) {
    case 'ReviseProgram':
      return revise(command, state);
    case 'ScheduleSale':
      return schedule(command, state);
    case 'OpenSale':
      return open(command, state);
    case 'CloseSale':
      return close(command, state);
    case 'ChangeDispatchMode':
      return changeDispatch(command, state);
    default:
      return unreachable(command);
  }
}

function publish({ programId, details, offer, nowMs }: PublishProgram, state: ProgramState): Deciding {
  if (state.kind === 'unpublished') {
    const data = { programId, details, offer, publishedAtMs: nowMs };
    return { outcome: { kind: 'published' }, events: [{ type: 'ProgramPublished', data }] };
  }
  const repeated = sameData(details, state.details) && sameData(offer, state.offer);
  return repeated ? unchanged({ kind: 'published' }) : refused('program_already_published');
}

function revise({ programId, details, offer, nowMs }: ReviseProgram, state: PublishedProgram): Deciding {
  const sameOffer = sameData(offer, state.offer);
  if (sameOffer && sameData(details, state.details)) return unchanged({ kind: 'revised' });
  // From here on the sale may have been started with these prices and seats.
  if (!sameOffer && state.sale !== 'unscheduled') return refused('offer_is_fixed');
  const saleIsAhead = state.sale === 'scheduled' || state.sale === 'open';
  if (saleIsAhead && state.window !== null && state.window.closesAtMs > details.showsAtMs) {
    return refused('sale_ends_after_the_show');
  }
  const data = { programId, details, offer, revisedAtMs: nowMs };
  return { outcome: { kind: 'revised' }, events: [{ type: 'ProgramRevised', data }] };
}

function schedule(command: ScheduleSale, state: PublishedProgram): Deciding {
  const { programId, opensAtMs, closesAtMs, nowMs } = command;
  if (sameData(state.window, { opensAtMs, closesAtMs })) return unchanged({ kind: 'scheduled' });
  if (state.sale === 'open') return refused('sale_already_open');
  if (state.sale === 'closed') return refused('sale_already_closed');
  if (closesAtMs <= opensAtMs) return refused('sale_ends_before_it_begins');
  if (closesAtMs <= nowMs) return refused('sale_ends_in_the_past');
  if (closesAtMs > state.details.showsAtMs) return refused('sale_ends_after_the_show');
  const data = { programId, opensAtMs, closesAtMs };
  return { outcome: { kind: 'scheduled' }, events: [{ type: 'SaleScheduled', data }] };
}

function open({ programId, nowMs }: OpenSale, state: PublishedProgram): Deciding {
  if (state.sale === 'open') return unchanged({ kind: 'opened' });
  if (state.sale === 'closed') return refused('sale_already_closed');
  if (state.window === null) return refused('sale_not_scheduled');
  if (nowMs < state.window.opensAtMs) return refused('sale_not_due');
  if (nowMs >= state.window.closesAtMs) return refused('sale_window_passed');
  const data = { programId, openedAtMs: nowMs };
  return { outcome: { kind: 'opened' }, events: [{ type: 'SaleOpened', data }] };
}

function close({ programId, reason, nowMs }: CloseSale, state: PublishedProgram): Deciding {
  if (state.sale === 'closed') return unchanged({ kind: 'closed' });
  if (state.window === null) return refused('sale_not_scheduled');
  if (reason === 'schedule' && nowMs < state.window.closesAtMs) return refused('sale_not_due');
  const data = { programId, closedAtMs: nowMs, reason };
  return { outcome: { kind: 'closed' }, events: [{ type: 'SaleClosed', data }] };
}

function cancel({ programId, reason, nowMs }: CancelProgram, state: PublishedProgram): Deciding {
  if (state.sale === 'cancelled') return unchanged({ kind: 'cancelled' });
  const data = { programId, cancelledAtMs: nowMs, reason };
  return { outcome: { kind: 'cancelled' }, events: [{ type: 'ProgramCancelled', data }] };
}

function changeDispatch({ programId, split }: ChangeDispatchMode, state: PublishedProgram): Deciding {
  if (sameData(split, state.split)) return unchanged({ kind: 'dispatch_changed' });
  const data = { programId, split };
  return { outcome: { kind: 'dispatch_changed' }, events: [{ type: 'DispatchModeChanged', data }] };
}

const unchanged = (outcome: ProgramOutcome): Deciding => ({ outcome, events: [] });
const refused = (code: ProgramRefusalCode): Deciding => ({ outcome: { kind: 'refused', code }, events: [] });
