/** `seatlog devstore`: the embedded event store as a server of its own. */
import { Command, InvalidArgumentError } from 'commander';
import { exitCodes } from './exit.ts';

const DEFAULT_PORT = 2113;
const MAX_PORT = 65_535;

const HELP = `
Examples:
  $ seatlog devstore --data-dir ./events          then: esdb://127.0.0.1:2113?tls=false
  $ seatlog devstore --port 0 --memory            the line that it prints names the port

Ctrl-C or SIGTERM ends it in order; a second one does not wait.

Exit codes: 0 ended by a signal, 1 it could not start or close, 2 wrong usage.`;

type Options = {
  readonly host: string;
  readonly port: number;
  readonly dataDir?: string;
  readonly maxAppendSize?: number;
  readonly memory?: boolean;
};

export const devstoreCommand = (): Command =>
  new Command('devstore')
    .description('serve an EventStoreDB-compatible event store on this machine')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes any free one', portNumber, DEFAULT_PORT)
    .option('--data-dir <folder>', 'where the events are kept; made if missing')
    .option('--max-append-size <bytes>', 'largest append accepted (default: 1048576)', positiveInteger)
    .option('--memory', 'keep nothing: no fsync, and the store is gone when the server stops')
    .addHelpText('after', HELP)
    .action(run);

const run = async (options: Options, command: Command): Promise<void> => {
  if ((options.dataDir === undefined) !== (options.memory === true)) {
    command.error('error: name either --data-dir <folder> or --memory', { exitCode: exitCodes.usage });
  }
  // Loaded on demand: the other commands, each a process of its own, need none of the server's packages.
  const { DataFolderError, ListenError, startDevstore } = await import('../devstore/index.ts');
  try {
    const devstore = await startDevstore({
      host: options.host,
      port: options.port,
      dataDir: options.dataDir,
      maxAppendBytes: options.maxAppendSize,
    });
    process.stdout.write(`devstore listening on ${devstore.connectionString}\n`);
    closeOnSignal(devstore.close);
  } catch (error) {
    if (!(error instanceof DataFolderError || error instanceof ListenError)) throw error;
    command.error(`error: ${error.message}`, { exitCode: exitCodes.bad });
  }
};

/** The first signal ends open calls and closes the store; the second does not wait for that. */
const closeOnSignal = (close: () => Promise<void>): void => {
  let closing = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (closing) process.exit(exitCodes.bad);
      closing = true;
      close().then(
        () => process.exit(exitCodes.ok),
        (error: unknown) => {
          process.stderr.write(`the store did not close: ${String(error)}\n`);
          process.exit(exitCodes.bad);
        },
      );
    });
  }
};

const portNumber = (text: string): number => {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > MAX_PORT)
    throw new InvalidArgumentError('a port is 0 to 65535.');
  return port;
};

const positiveInteger = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('a size is a whole number of bytes, 1 or more.');
  return value;
};
