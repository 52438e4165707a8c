/** What a started engine prints: where everything is, and a line to try each dispatch mode with. */
import { type Config, maskPasswords } from './config.ts';
import { DEMO_BUYER, DEMO_TICKET_USERS } from './demo/buyer.ts';
import { dispatchModes } from './domain/shared/dispatch-mode.ts';
import type { StoreUrls } from './embedded/index.ts';

type Line = readonly [name: string, value: string];

const NAME_WIDTH = 12;
const STANDARD_DATA_DIR = '.data';

export function welcome(address: string, urls: StoreUrls): string {
  const lines: readonly Line[] = [
    ['API', `${address}/`],
    ['Health', `${address}/health/ready`],
    ...storeLines(urls),
  ];
  return ['Seatlog is ready.', ...linesOf(lines)].join('\n');
}

export function storesWelcome(urls: StoreUrls): string {
  return ['The stores are ready.', ...linesOf(storeLines(urls))].join('\n');
}

/** For a shell in the folder of this program: each line orders a ticket of a demo program by itself. */
export function orderLines(address: string, { dataDir }: Pick<Config, 'dataDir'>): string {
  const folder = dataDir === STANDARD_DATA_DIR ? '' : `SEATLOG_DATA_DIR=${dataDir} `;
  const token = `$(${folder}node dist/cli/seatlog.js token --user ${DEMO_BUYER})`;
  const body = JSON.stringify({
    programId: 'demo-hall',
    categoryId: 'gallery',
    ticketUserIds: DEMO_TICKET_USERS.slice(0, 1),
  });
  const lines = dispatchModes.map(
    (mode) =>
      `curl -s ${address}/orders/${mode} -H "Authorization: Bearer ${token}" ` +
      `-H 'Content-Type: application/json' -d '${body}'`,
  );
  return ['', 'One ticket, ordered in each dispatch mode:', ...lines].join('\n');
}

function storeLines(urls: StoreUrls): readonly Line[] {
  return [
    ['PostgreSQL', maskPasswords(urls.postgresUrl)],
    ['Redis', maskPasswords(urls.redisUrl)],
    ['Event store', maskPasswords(urls.eventStoreUrl)],
    ['Data folder', urls.dataFolder ?? 'none: no store is embedded'],
  ];
}

const linesOf = (lines: readonly Line[]): string[] =>
  lines.map(([name, value]) => `  ${name.padEnd(NAME_WIDTH)} ${value}`);
