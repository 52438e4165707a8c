/**
 * The table of person keys. It is no read model: the log cannot bring it back, and must not, because a key
 * that was destroyed stays destroyed. Back it up apart from the log, and keep its backups no longer than a
 * promise to forget.
 */
import type { PersonKeyId } from '../domain/shared/personal-data.ts';
import type { PersonKeys, StoredPersonKey } from '../privacy/index.ts';
import type { Db } from '../projections/database.ts';

export const createPersonKeys = (db: Db): PersonKeys => {
  const get = async (id: PersonKeyId): Promise<StoredPersonKey | undefined> => {
    const row = await db.selectFrom('person_key').select('wrapped').where('id', '=', id).executeTakeFirst();
    return row && stored(row.wrapped);
  };
  return {
    get,
    create: async (id, wrapped) => {
      await db
        .insertInto('person_key')
        .values({ id, wrapped })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
      const now = await get(id);
      if (now === undefined) throw new Error(`The key ${id} was stored and is not there: rows never leave.`);
      return now;
    },
    createAll: async (keys) => {
      if (keys.length > 0)
        await db
          .insertInto('person_key')
          .values([...keys])
          .execute();
    },
    destroy: async (id) => {
      await db
        .insertInto('person_key')
        .values({ id, wrapped: null })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ wrapped: null }))
        .execute();
    },
  };
};

const stored = (wrapped: string | null): StoredPersonKey =>
  wrapped === null ? { kind: 'destroyed' } : { kind: 'live', wrapped };
