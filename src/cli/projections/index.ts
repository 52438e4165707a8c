/** `seatlog projections`: how the read models are, and building them anew, one file for each command. */
import { Command } from 'commander';

export const projectionsCommand = (): Command =>
  new Command('projections').description(
    'read models in SQL and Redis: status, rebuild, verify, retry, skip',
  );
