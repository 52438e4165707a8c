/**
 * What can be asked of a program, and what it can answer. Commands are parsed at the edge and trusted here.
 */
import type { DispatchSplit } from '../shared/dispatch-mode.ts';
import type { ProgramId } from '../shared/ids.ts';
import type { CloseReason, ProgramDetails, ProgramOffer } from './events.ts';
import type { ProgramRefusalCode } from './refusals.ts';
import type { SaleWindow } from './state.ts';

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

export type ProgramOutcome =
  | { readonly kind: 'published' | 'revised' | 'scheduled' | 'opened' | 'closed' | 'cancelled' }
  | { readonly kind: 'dispatch_changed' }
  | { readonly kind: 'refused'; readonly code: ProgramRefusalCode };
