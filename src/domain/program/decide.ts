/**
 * What may be done to a program, and when: it is published, sold once in one window, and at any time
 * cancelled.
 */
import type { Decision } from '../shared/decider.ts';
import { unreachable } from '../shared/event.ts';
import { sameData } from '../shared/same-data.ts';
import type {
  CancelProgram,
  ChangeDispatchMode,
  CloseSale,
  OpenSale,
  ProgramCommand,
  ProgramOutcome,
  PublishProgram,
  ReviseProgram,
  ScheduleSale,
} from './commands.ts';
import type { ProgramEvent } from './events.ts';
import type { ProgramRefusalCode } from './refusals.ts';
import type { ProgramState, PublishedProgram } from './state.ts';

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
