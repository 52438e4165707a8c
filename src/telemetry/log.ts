/** The log of every process of ours: JSON lines on standard error, with no secret in them. */
import {
  type DestinationStream,
  destination,
  type Logger,
  pino,
  stdSerializers,
  stdTimeFunctions,
} from 'pino';

export type { Logger } from 'pino';

const STANDARD_ERROR = 2;
const SECRETS = ['password', 'secret', 'token', 'authorization', 'cookie'];
const REDACTED = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

export type LogOptions = {
  readonly level: string;
  /** Applied to every finished line: the last place where a secret inside a text can be removed. */
  readonly mask: (line: string) => string;
  readonly target?: DestinationStream;
};

export function createLogger({ level, mask, target }: LogOptions): Logger {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: REDACTED,
    serializers: { err: errorShown },
    hooks: { streamWrite: mask },
  };
  // Synchronous, so that the last words before an exit are not lost.
  return pino(options, target ?? destination({ dest: STANDARD_ERROR, sync: true }));
}

/** Its texts and numbers. Libraries hang more on their errors: whole clients, with the settings these connect with. */
function errorShown(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const texts = Object.entries(stdSerializers.err(error)).filter(([, value]) => typeof value !== 'object');
  if (error instanceof AggregateError) texts.push(['errors', error.errors.join('; ')]);
  return Object.fromEntries(texts);
}
