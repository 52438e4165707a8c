/**
 * An engine process on stores that are not its own, as production runs it: it can be killed or stopped and started
 * again under the same address, and several can share the stores.
 */
import { randomBytes } from 'node:crypto';
import { settlePort } from '../../src/embedded/port.ts';
import { type Engine, type Environment, startEngine, stopEngine } from './engine.ts';
import type { TestStores } from './stores.ts';

const KEY_BYTES = 32;

export type Keys = { readonly token: Uint8Array; readonly settings: Environment };

/** As production has them: settings, the same for every engine on the same stores. */
export function randomKeys(): Keys {
  const key = (): string => randomBytes(KEY_BYTES).toString('base64');
  const token = key();
  return {
    token: Buffer.from(token, 'base64'),
    settings: {
      SEATLOG_MASTER_KEYS: `1:${key()}`,
      SEATLOG_ID_DOCUMENT_KEY: key(),
      SEATLOG_TOKEN_KEY: token,
      SEATLOG_CALLBACK_KEY: key(),
      SEATLOG_TICKET_KEY: key(),
    },
  };
}

export type EngineBeside = {
  readonly url: string;
  readonly start: () => Promise<void>;
  /** With kill -9; resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** As a supervisor would; resolves with its exit code. */
  readonly stop: () => Promise<number | null>;
  /** What it has logged as an error, in all its lives. */
  readonly errors: () => readonly string[];
};

/** It runs once `start` has resolved. */
export async function engineBeside(
  stores: TestStores,
  keys: Keys,
  settings: Environment = {},
): Promise<EngineBeside> {
  const port = String(await settlePort(0, 'the port'));
  const lives: Engine[] = [];
  const current = (): Engine => {
    const engine = lives.at(-1);
    if (engine === undefined) throw new Error('The engine has not been started.');
    return engine;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    start: async () => {
      const engine = startEngine('.data-of-nobody', {
        ...keys.settings,
        SEATLOG_HTTP_PORT: port,
        SEATLOG_POSTGRES_URL: stores.postgresUrl,
        SEATLOG_REDIS_URL: stores.redisUrl,
        SEATLOG_EVENTSTORE_URL: stores.eventStoreUrl,
        ...settings,
      });
      lives.push(engine);
      await engine.ready();
    },
    kill: async () => {
      current().process.kill('SIGKILL');
      await current().exited;
    },
    stop: async () => (await stopEngine(current())).code,
    errors: () => lives.flatMap((engine) => errorLines(engine.output())),
  };
}

const errorLines = (output: string): readonly string[] =>
  output.split('\n').filter((line) => /^\{"level":"(?:error|fatal)"/.test(line));
