/** The commands of the `seatlog` program put together. Each has a file of its own. */
import { Command } from 'commander';
import { readVersion } from '../version.ts';
import { auditCommand } from './audit/index.ts';
import { configCommand } from './config.ts';
import { devstoreCommand } from './devstore.ts';
import { exitOnWrongUse } from './exit.ts';
import { projectionsCommand } from './projections/index.ts';
import { rushCommand } from './rush.ts';
import { startCommand } from './start.ts';
import { storesCommand } from './stores.ts';
import { ticketCommand } from './ticket.ts';
import { tokenCommand } from './token.ts';

export const createProgram = (): Command =>
  exitOnWrongUse(
    new Command('seatlog')
      .description('An event-sourced ticketing engine for flash sales.')
      .version(readVersion())
      .showHelpAfterError('Try "seatlog --help".')
      .addCommand(startCommand())
      .addCommand(storesCommand())
      .addCommand(rushCommand())
      .addCommand(projectionsCommand())
      .addCommand(auditCommand())
      .addCommand(configCommand())
      .addCommand(devstoreCommand())
      .addCommand(ticketCommand())
      .addCommand(tokenCommand()),
  );
