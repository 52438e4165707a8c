/** Telling a database that is away from a statement that is wrong, on a real one. */
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { isPostgresUnavailable } from '../../src/postgres/unavailable.ts';
import { useDatabaseUrl } from '../support/stores.ts';

const database = useDatabaseUrl();

async function errorOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('This was to fail.');
}

async function connected<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: database.postgresUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

describe('a failed query', () => {
  it('is the statement’s fault when the statement is wrong', async () => {
    const syntax = await connected((client) => errorOf(() => client.query('selekt 1')));
    const constraint = await connected((client) => errorOf(() => client.query('select 1/0')));
    expect(isPostgresUnavailable(syntax)).toBe(false);
    expect(isPostgresUnavailable(constraint)).toBe(false);
  });

  it('is not when nobody listens', async () => {
    const nobody = new pg.Client({ connectionString: 'postgres://postgres:none@127.0.0.1:1/none' });
    expect(isPostgresUnavailable(await errorOf(() => nobody.connect()))).toBe(true);
  });

  it('is not when the server ends the connection in the middle', async () => {
    const ended = await connected(async (client) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      const sleeping = errorOf(() => client.query('select pg_sleep(60)'));
      await connected((other) => other.query('select pg_terminate_backend($1)', [rows[0]?.pid]));
      return sleeping;
    });
    expect(isPostgresUnavailable(ended)).toBe(true);
  });

  it('is not when it was the loser of a deadlock', async () => {
    const loser = await connected(async (one) =>
      connected(async (other) => {
        await one.query('begin; select pg_advisory_xact_lock(1)');
        await other.query('begin; select pg_advisory_xact_lock(2)');
        const results = await Promise.allSettled([
          one.query('select pg_advisory_xact_lock(2)'),
          other.query('select pg_advisory_xact_lock(1)'),
        ]);
        return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))[0];
      }),
    );
    expect(isPostgresUnavailable(loser)).toBe(true);
  });

  it('is nobody’s business when it was no error of a database', () => {
    expect(isPostgresUnavailable(new Error('The program has a mistake.'))).toBe(false);
  });
});
