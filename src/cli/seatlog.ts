#!/usr/bin/env node
/** The `seatlog` program. Each command has a file of its own; this one only puts them together. */
import { Command } from 'commander';
import { readVersion } from '../version.ts';
import { auditCommand } from './audit/index.ts';
import { configCommand } from './config.ts';
import { devstoreCommand } from './devstore.ts';
import { projectionsCommand } from './projections/index.ts';
import { rushCommand } from './rush.ts';
import { startCommand } from './start.ts';
import { storesCommand } from './stores.ts';
import { ticketCommand } from './ticket.ts';
import { tokenCommand } from './token.ts';

const USAGE_EXIT_CODE = 2;

const program = new Command('seatlog')
  .description('An event-sourced ticketing engine for flash sales.')
  .version(readVersion())
  .showHelpAfterError('Try "seatlog --help".')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_EXIT_CODE))
  .addCommand(startCommand())
  .addCommand(storesCommand())
  .addCommand(rushCommand())
  .addCommand(projectionsCommand())
  .addCommand(auditCommand())
  .addCommand(configCommand())
  .addCommand(devstoreCommand())
  .addCommand(ticketCommand())
  .addCommand(tokenCommand());

await program.parseAsync();
