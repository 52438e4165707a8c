/** Somebody to buy with, so that the first order of a fresh engine is one line of shell. */
import { type AddTicketUserDeps, addTicketUser } from '../commands/add-ticket-user.ts';
import { ticketUserIdSchema, userIdSchema } from '../domain/shared/ids.ts';
import { personKeyIdSchema } from '../domain/shared/personal-data.ts';
import { demoPerson } from './people.ts';

export const DEMO_BUYER = userIdSchema.parse('demo-buyer');
export const DEMO_TICKET_USERS = ['demo-person-1', 'demo-person-2'].map((id) => ticketUserIdSchema.parse(id));

const SEED = 1;

/** Repeating it changes nothing; somebody who was removed stays away. Rejects as `addTicketUser` does. */
export const addDemoBuyer = async <Code extends string>(deps: AddTicketUserDeps<Code>): Promise<void> => {
  for (const [nth, ticketUser] of DEMO_TICKET_USERS.entries()) {
    const personKey = personKeyIdSchema.parse(ticketUser);
    const request = { user: DEMO_BUYER, ticketUser, personKey, typed: demoPerson(SEED, nth) };
    const context = { commandId: `demo/${ticketUser}`, correlationId: 'demo', actor: 'demo' };
    const answer = await addTicketUser(deps, request, context);
    if (answer.kind === 'refused' && answer.code !== 'ticket_user_removed') {
      throw new Error(`Demo ticket user ${ticketUser}: ${answer.code}.`);
    }
  }
};
