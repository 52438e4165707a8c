/**
 * One PostgreSQL for a whole run of the tests: starting a server takes seconds, and copying an empty migrated database
 * some tens of milliseconds. It starts when the first file asks, so a run that asks for nothing waits for nothing.
 */
import { appendFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { LOOPBACK } from '../../src/embedded/port.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPostgres } from '../../src/postgres/pool.ts';
import { type Engine, postgresUrlOf, startEngine, stopEngine, temporaryFolder } from './engine.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** POST to it answers with the URL of a new database, DELETE with that URL as the body drops it. */
    readonly databaseServer: string;
  }
}

const TEMPLATE = 'migrated';
/** Nobody expects these databases to outlive a crash of the machine. The connections are for files side by side. */
const SETTINGS = `
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 400
`;

type Running = { readonly newDatabase: () => Promise<string>; readonly drop: (url: string) => Promise<void> };

/** Vitest calls it once, in the process that runs the test files. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const closers: (() => Promise<unknown>)[] = [];
  let running: Promise<Running> | undefined;
  const server = createServer(async (request, response) => {
    try {
      running ??= startServer(closers);
      const { newDatabase, drop } = await running;
      if (request.method === 'POST') response.end(await newDatabase());
      else {
        await drop(Buffer.concat(await request.toArray()).toString());
        response.end();
      }
    } catch (error) {
      response.statusCode = 500;
      response.end(String(error));
    }
  });
  project.provide('databaseServer', await listening(server));
  return async () => {
    server.close();
    server.closeAllConnections();
    await running?.catch(() => undefined);
    for (const close of closers.reverse()) await close();
  };
}

const listening = (server: Server): Promise<string> =>
  new Promise((done) => {
    server.listen(0, LOOPBACK, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('A port was to be listened on.');
      done(`http://${LOOPBACK}:${address.port}`);
    });
  });

async function startServer(closers: (() => Promise<unknown>)[]): Promise<Running> {
  const folder = await temporaryFolder();
  closers.push(folder.remove);
  const dataDir = join(folder.path, 'data');
  let engine = await started(dataDir, closers);
  // The number of connections cannot be changed while it runs.
  await stopEngine(engine);
  appendFileSync(join(dataDir, 'postgres', 'postgresql.auto.conf'), SETTINGS);
  engine = await started(dataDir, closers);
  const own = postgresUrlOf(dataDir, await engine.ready());
  const urlOf = (name: string): string => Object.assign(new URL(own), { pathname: `/${name}` }).href;
  const admin = new pg.Client({ connectionString: own });
  await admin.connect();
  closers.push(() => admin.end());
  await admin.query(`create database ${TEMPLATE}`);
  const template = openPostgres({ url: urlOf(TEMPLATE), max: 1, onError: () => undefined });
  await migrate(template.db);
  await template.close();
  let count = 0;
  return {
    newDatabase: async () => {
      count += 1;
      const name = `seatlog_${count}`;
      await admin.query(`create database ${name} template ${TEMPLATE}`);
      return urlOf(name);
    },
    drop: async (url) => {
      const name = admin.escapeIdentifier(new URL(url).pathname.slice(1));
      await admin.query(`drop database ${name} with (force)`);
    },
  };
}

async function started(dataDir: string, closers: (() => Promise<unknown>)[]): Promise<Engine> {
  const engine = startEngine(dataDir, {}, [], 'stores');
  closers.push(() => stopEngine(engine));
  await engine.ready();
  return engine;
}
