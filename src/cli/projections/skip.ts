/** `seatlog projections skip`: lets a stopped read model pass over its event, and records that in the log first. */
import { Command, InvalidArgumentError } from 'commander';
import type { SkipProjectionEventAnswer } from '../../commands/skip-projection-event.ts';
import { type LogPosition, logPositionSchema, projectionNameSchema } from '../../domain/projection/index.ts';
import { lineSchema } from '../../domain/shared/text.ts';
import { type StoreFlags, withStoreOptions } from '../running-stores.ts';
import { BY_OPTION, contextOf } from './by.ts';
import { EXIT_CODES_HELP, exitCodes, RefusedError } from './exit.ts';
import { run } from './run.ts';

type Flags = StoreFlags & { readonly by: string; readonly position: LogPosition; readonly reason: string };
type Refused = Extract<SkipProjectionEventAnswer, { kind: 'refused' }>;

const EXAMPLES = `
Examples:
  $ seatlog projections status                           says where a projection stands, and why
  $ seatlog projections skip orders --position 48213 --reason "order of a load test, paid twice"

The rows are without that event from then on, and so is whatever is rebuilt later, unless it can be applied then.
${EXIT_CODES_HELP}`;

export const skipCommand = (): Command =>
  withStoreOptions(new Command('skip'))
    .description('let a stopped projection pass over the event it stands at; recorded in the log')
    .argument('<name>', 'of the projection')
    .requiredOption('--position <number>', 'position of that event, as status shows it', logPosition)
    .requiredOption('--reason <text>', 'why the rows may be without it, for the log', line)
    .option(...BY_OPTION)
    .addHelpText('after', EXAMPLES)
    .action(skip);

const skip = (name: string, flags: Flags): Promise<void> =>
  run(flags, async ({ stores }) => {
    // Loaded on demand, as in `run`.
    const { oneNamed } = await import('./rebuildables.ts');
    const { skippingOf } = await import('../../engine/projections-resumed.ts');
    const { openProjectionStreams } = await import('../../engine/streams.ts');
    const { skipProjectionEvent } = await import('../../commands/skip-projection-event.ts');
    oneNamed(name);
    const { position, reason, by } = flags;
    const deps = skippingOf(await stores.db(), openProjectionStreams(await stores.eventStore()));
    const request = { projection: projectionNameSchema.parse(name), position, reason };
    const answer = await skipProjectionEvent(deps, request, contextOf(by));
    if (answer.kind === 'refused') throw new RefusedError(answer.code, sentenceOf(name, position, answer));
    const { type, stream, revision } = answer.event;
    console.log(`${name} goes on without ${type} at ${stream}@${revision}; the log says so, and why.`);
    return exitCodes.ok;
  });

const sentenceOf = (name: string, position: LogPosition, { code, event }: Refused): string => {
  switch (code) {
    case 'projection_not_found':
      return `There is no projection ${name}.`;
    case 'projection_not_stopped':
      return `${name} is not stopped: there is nothing to skip.`;
    case 'projection_stopped_elsewhere':
      return event === undefined
        ? `${name} does not stand at position ${position} any more.`
        : `${name} stands at position ${event.position} (${event.type} at ${event.stream}@${event.revision}).`;
    case 'skip_differs':
      return `Another event of ${name} was skipped at position ${position}.`;
    case 'too_many_skips':
      return `${name} has as many skipped events as it may have: rebuild it with a release that can apply them.`;
  }
};

function logPosition(text: string): LogPosition {
  const parsed = logPositionSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('must be a whole number of at most 19 digits.');
}

function line(text: string): string {
  const parsed = lineSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('must be a line of 1 to 200 characters.');
}
