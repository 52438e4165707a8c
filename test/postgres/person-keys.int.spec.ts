/** Person keys in SQL: made once, destroyed for good, and good for sealing and opening. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { personKeyIdSchema } from '../../src/domain/shared/personal-data.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { createPersonKeys } from '../../src/postgres/person-keys.ts';
import { openPostgres, type Postgres } from '../../src/postgres/pool.ts';
import { erasePerson, openPerson, sealPerson } from '../../src/privacy/index.ts';
import { useDatabaseUrl } from '../support/stores.ts';

const database = useDatabaseUrl();
let postgres: Postgres;

beforeAll(async () => {
  postgres = openPostgres({ url: database.postgresUrl, max: 10, onError: () => undefined });
  await migrate(postgres.db);
});
afterAll(() => postgres?.close());

const idOf = (text: string) => personKeyIdSchema.parse(text);

describe('the table of person keys', () => {
  it('keeps the first key of a person, however many are made at once', async () => {
    const keys = createPersonKeys(postgres.db);
    const id = idOf('many');
    const tries = Array.from({ length: 20 }, (_, index) => keys.create(id, `pk1.1.${index}`));
    const answers = await Promise.all(tries);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await keys.get(id)).toEqual(answers[0]);
  });

  it('never brings back a destroyed key, nor makes one where it was destroyed before it was made', async () => {
    const keys = createPersonKeys(postgres.db);
    await keys.create(idOf('gone'), 'pk1.1.a');
    for (const id of [idOf('gone'), idOf('never-there')]) {
      await keys.destroy(id);
      await keys.destroy(id);
      expect(await keys.create(id, 'pk1.1.b')).toEqual({ kind: 'destroyed' });
      expect(await keys.get(id)).toEqual({ kind: 'destroyed' });
    }
  });

  it('stores many new keys together, and none of them where there is one already', async () => {
    const keys = createPersonKeys(postgres.db);
    await keys.createAll([]);
    await keys.createAll([
      { id: idOf('first'), wrapped: 'pk1.1.a' },
      { id: idOf('second'), wrapped: 'pk1.1.b' },
    ]);
    expect(await keys.get(idOf('second'))).toEqual({ kind: 'live', wrapped: 'pk1.1.b' });
    const again = ['third', 'second'].map((name) => ({ id: idOf(name), wrapped: 'pk1.1.c' }));
    await expect(keys.createAll(again)).rejects.toThrow();
    expect(await keys.get(idOf('third'))).toBeUndefined();
  });

  it('knows nothing of a person who was never there', async () => {
    expect(await createPersonKeys(postgres.db).get(idOf('nobody'))).toBeUndefined();
  });

  it('opens what was sealed with it until the person is forgotten', async () => {
    const personKeys = createPersonKeys(postgres.db);
    const master = { id: '1', bytes: new Uint8Array(32).fill(7) };
    const deps = { personKeys, masterKeys: { current: master, former: [] } };
    const id = idOf('wang');
    const clear = { name: '王小明', idNumber: '110101199003078515' };
    const sealed = await sealPerson(deps, id, clear);
    if (sealed.kind !== 'sealed') throw new Error(`It was not sealed: ${sealed.kind}.`);
    expect(await openPerson(deps, id, sealed.sealed)).toEqual({ kind: 'opened', clear });
    await erasePerson(deps, id);
    expect(await openPerson(deps, id, sealed.sealed)).toEqual({ kind: 'erased' });
  });
});
