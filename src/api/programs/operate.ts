/**
 * What operators do with programs: publish, revise, schedule, open, close, cancel, and say how orders are
 * dispatched.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { CancelProgramAnswer, CancelProgramRequest } from '../../commands/cancel-program.ts';
import type { ChangeDispatchAnswer, ChangeDispatchRequest } from '../../commands/change-dispatch.ts';
import type { CloseSaleAnswer, CloseSaleRequest } from '../../commands/close-sale.ts';
import type { OpenSaleAnswer } from '../../commands/open-sale.ts';
import type { CommandContext } from '../../commands/ports.ts';
import type { PublishProgramAnswer, PublishProgramRequest } from '../../commands/publish-program.ts';
import type { ReviseProgramAnswer, ReviseProgramRequest } from '../../commands/revise-program.ts';
import type { ScheduleSaleAnswer, ScheduleSaleRequest } from '../../commands/schedule-sale.ts';
import { type ProgramId, programIdSchema } from '../../domain/shared/ids.ts';
import { contextOf } from '../command-context.ts';
import { type Endpoint, endpoint, json } from '../endpoint.ts';
import { programParams, windowSchema } from '../inputs.ts';
import { refusal } from '../refusals.ts';
import { publishedAnswer } from './answers.ts';
import { cancelSchema, dispatchSchema, publishSchema, reviseSchema } from './bodies.ts';

/** A hall of 200,000 seats, written row by row, is a few hundred kilobytes. */
const MAX_PLAN_BYTES = 1_048_576;

type Command<Request, Answer> = (request: Request, context: CommandContext) => Promise<Answer>;

export type OperateDeps = {
  readonly publishProgram: Command<PublishProgramRequest, PublishProgramAnswer>;
  readonly reviseProgram: Command<ReviseProgramRequest, ReviseProgramAnswer>;
  readonly scheduleSale: Command<ScheduleSaleRequest, ScheduleSaleAnswer>;
  readonly openSale: Command<ProgramId, OpenSaleAnswer>;
  readonly closeSale: Command<CloseSaleRequest, CloseSaleAnswer>;
  readonly cancelProgram: Command<CancelProgramRequest, CancelProgramAnswer>;
  readonly changeDispatch: Command<ChangeDispatchRequest, ChangeDispatchAnswer>;
};

const statusAnswer = (status: string) => z.object({ programId: z.string(), saleStatus: z.literal(status) });

export const operateEndpoints = (deps: OperateDeps): readonly Endpoint[] => [
  publish(deps),
  revise(deps),
  schedule(deps),
  open(deps),
  close(deps),
  cancel(deps),
  dispatch(deps),
];

const publish = ({ publishProgram }: OperateDeps): Endpoint =>
  endpoint({
    method: 'POST',
    path: '/programs',
    access: 'operator',
    summary:
      'Publishes a program with what it sells, and on demand its hours. With an id it may be repeated.',
    body: publishSchema,
    bodyLimitBytes: MAX_PLAN_BYTES,
    answers: { 201: publishedAnswer },
    handle: async (call) => {
      const { programId = programIdSchema.parse(randomUUID()), details, plan, sale } = call.body;
      const request = { programId, details, plan, window: sale };
      const answer = await publishProgram(request, contextOf(call));
      if (answer.kind === 'refused') return refusal(answer.code);
      const { saleStatus } = answer;
      return json(201, { programId, saleStatus }, { location: `/programs/${programId}` });
    },
  });

const revise = ({ reviseProgram }: OperateDeps): Endpoint =>
  endpoint({
    method: 'PUT',
    path: '/programs/:programId',
    access: 'operator',
    summary: 'Changes what a program says, and what it sells as long as its hours are not said.',
    params: programParams,
    body: reviseSchema,
    bodyLimitBytes: MAX_PLAN_BYTES,
    answers: { 200: z.object({ programId: z.string() }) },
    handle: async (call) => {
      const { programId } = call.params;
      const answer = await reviseProgram({ programId, ...call.body }, contextOf(call));
      return answer.kind === 'refused' ? refusal(answer.code) : json(200, { programId });
    },
  });

const schedule = ({ scheduleSale }: OperateDeps): Endpoint =>
  endpoint({
    method: 'POST',
    path: '/programs/:programId/schedule',
    access: 'operator',
    summary: 'Says from when to when a program is sold; may be changed until the sale opens.',
    params: programParams,
    body: windowSchema,
    answers: { 200: statusAnswer('scheduled').extend(windowSchema.shape) },
    handle: async (call) => {
      const { programId } = call.params;
      const answer = await scheduleSale({ programId, window: call.body }, contextOf(call));
      if (answer.kind === 'refused') return refusal(answer.code);
      return json(200, { programId, saleStatus: 'scheduled', ...answer.window });
    },
  });

const open = ({ openSale }: OperateDeps): Endpoint =>
  endpoint({
    method: 'POST',
    path: '/programs/:programId/open',
    access: 'operator',
    summary:
      'Shows a program as on sale whose hours have begun; the engine does so by itself a moment later.',
    params: programParams,
    answers: { 200: statusAnswer('open') },
    handle: async (call) => {
      const { programId } = call.params;
      const answer = await openSale(programId, contextOf(call));
      return answer.kind === 'refused' ? refusal(answer.code) : json(200, { programId, saleStatus: 'open' });
    },
  });

const close = ({ closeSale }: OperateDeps): Endpoint =>
  endpoint({
    method: 'POST',
    path: '/programs/:programId/close',
    access: 'operator',
    summary: 'Ends the selling of a program for good. Orders that were placed may still be paid.',
    params: programParams,
    answers: { 200: statusAnswer('closed') },
    handle: async (call) => {
      const { programId } = call.params;
      const answer = await closeSale({ programId, reason: 'operator' }, contextOf(call));
      return answer.kind === 'refused'
        ? refusal(answer.code)
        : json(200, { programId, saleStatus: 'closed' });
    },
  });

const cancel = ({ cancelProgram }: OperateDeps): Endpoint =>
  endpoint({
    method: 'POST',
    path: '/programs/:programId/cancel',
    access: 'operator',
    summary: 'Cancels a program: its sale ends, and every paid order is refunded.',
    params: programParams,
    body: cancelSchema,
    answers: { 200: statusAnswer('cancelled') },
    handle: async (call) => {
      const { programId } = call.params;
      const answer = await cancelProgram({ programId, reason: call.body.reason }, contextOf(call));
      return answer.kind === 'refused'
        ? refusal(answer.code)
        : json(200, { programId, saleStatus: 'cancelled' });
    },
  });

const dispatch = ({ changeDispatch }: OperateDeps): Endpoint =>
  endpoint({
    method: 'PUT',
    path: '/programs/:programId/dispatch',
    access: 'operator',
    summary:
      'Says in which modes, by weight, plain orders of a program are dispatched; null: as the engine does.',
    params: programParams,
    body: dispatchSchema,
    answers: { 200: dispatchSchema.extend({ programId: z.string() }) },
    handle: async (call) => {
      const { programId } = call.params;
      const { split } = call.body;
      const answer = await changeDispatch({ programId, split }, contextOf(call));
      return answer.kind === 'refused' ? refusal(answer.code) : json(200, { programId, split });
    },
  });
