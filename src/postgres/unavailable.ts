/** Tells a database that is away from one that refuses a statement. */
import pg from 'pg';

/** Classes of SQLSTATE: connection exceptions, insufficient resources, operator intervention. */
const AWAY_CLASSES = new Set(['08', '53', '57']);
/** Serialization failures and deadlocks: the same again will do. */
const AGAIN = new Set(['40001', '40P01']);

/** True where trying the same again later may work: nothing is wrong with the statement. */
export function isPostgresUnavailable(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) {
    const code = error.code ?? '';
    return AWAY_CLASSES.has(code.slice(0, 2)) || AGAIN.has(code);
  }
  if (!(error instanceof Error)) return false;
  // The driver's own errors have no code: a socket that closed, a connection that came too late.
  const isOfSocket = 'code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code);
  return isOfSocket || /^(Connection terminated|timeout exceeded|Client has encountered)/.test(error.message);
}
