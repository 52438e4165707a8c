/**
 * The issuing process: every paid order gets its tickets. That they are issued is an event; the codes
 * themselves follow from the order and are computed when somebody asks for them.
 */
import type { CommandContext } from '../../commands/ports.ts';
import type { SaleCommand, SaleOutcome } from '../../domain/sale/index.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import type { Process, ProcessEvent } from '../runner.ts';
import { handles, type IssuingFlowEvent, isSettled, stepOf } from './flow.ts';

export const ISSUING_PROCESS = 'issuing';

export type IssuingProcessDeps = {
  readonly sale: (programId: ProgramId) => {
    readonly submit: (command: SaleCommand, context: CommandContext) => Promise<SaleOutcome>;
  };
};

export const createIssuingProcess = (deps: IssuingProcessDeps): Process<IssuingFlowEvent> => ({
  name: ISSUING_PROCESS,
  handles,
  // Orders do not wait for one another: the sale decides those that come together in one append.
  orderedBy: ({ data: { orderNumber } }) => orderNumber,
  react: async (event) => {
    const { programId, command } = stepOf(event);
    const outcome = await deps.sale(programId).submit(command, contextOf(event));
    if (!isSettled(outcome)) throw new Error(`Tickets of a paid order: ${JSON.stringify(outcome)}.`);
  },
});

const contextOf = (event: ProcessEvent<IssuingFlowEvent>): CommandContext => ({
  commandId: `${ISSUING_PROCESS}/${event.stream}@${event.revision}`,
  correlationId: event.metadata.correlationId,
  actor: ISSUING_PROCESS,
});
